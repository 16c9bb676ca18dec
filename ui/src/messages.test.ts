import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Catalogue = Record<string, unknown>;
const read = (locale: string): Catalogue =>
  JSON.parse(readFileSync(`messages/${locale}.json`, "utf8")) as Catalogue;
const fr = read("fr");
const en = read("en");

const CODES =
  `pin_wrong pin_locked not_signed_in forbidden code_unknown code_too_long code_ambiguous lot_expired
  lot_blocked lot_empty out_of_stock stock_insufficient unpriced cart_empty total_changed tendered_too_small
  quantity_invalid reason_missing in_hand_limit price_invalid store_unreadable store_newer disk_full store_read_only
  store_busy store_failed hub_unreachable hub_not_officine hub_refused hub_insecure enrolment_code_wrong
  enrolment_code_used device_revoked device_unknown hub_too_old till_too_old not_enrolled already_enrolled user_unknown
  login_taken pin_invalid name_missing file_missing file_too_large file_unreadable file_empty column_missing
  value_missing value_too_long number_invalid price_negative date_invalid code_duplicate barcode_check_digit
  encoding_invalid rate_invalid rate_missing import_cancelled import_running document_mismatch reference_missing
  key_reused field_invalid operation_too_large too_many_tries internal`.split(/\s+/);

function names(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
}

describe("the catalogues", () => {
  it("have the same messages with the same figures in both languages", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort());
    const differ = Object.keys(fr).filter((key) => String(names(fr[key])) !== String(names(en[key])));
    expect(differ).toEqual([]);
  });

  it("say something everywhere", () => {
    for (const catalogue of [fr, en]) {
      expect(Object.entries(catalogue).filter(([, message]) => message === "")).toEqual([]);
    }
  });

  it("word every code the engine can answer", () => {
    expect(CODES.filter((code) => !(`problem_${code}` in fr))).toEqual([]);
  });
});
