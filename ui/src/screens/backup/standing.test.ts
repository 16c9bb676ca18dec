import { describe, expect, it } from "vitest";
import type { BackupFile } from "../../contract/BackupFile";
import type { BackupsView } from "../../contract/BackupsView";
import { isOn, nameOf, standing } from "./standing";

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const file = (at: number, verified = true): BackupFile => ({
  ...{ path: "/b/a.db", at, bytes: 1, tickets: 1, revision: 1, verified, problem: null },
});
const view = (last: number | null, files: BackupFile[] = []): BackupsView => ({
  ...{ settings: { folder: null, automatic: true, keep: 14 }, files, last, problem: null, sticks: [] },
});

describe("backups in one sentence", () => {
  it("says when the last one was made, and that it was verified", () => {
    const said = standing(view(NOW - 3 * HOUR, [file(NOW - 3 * HOUR)]), NOW);
    expect(said).toEqual({ kind: "ok", text: "Dernière sauvegarde il y a 3 h, vérifiée." });
  });

  it("warns where there is none, and where a day was missed", () => {
    expect(standing(view(null), NOW).kind).toBe("warn");
    expect(standing(view(NOW - 37 * HOUR, [file(NOW - 37 * HOUR)]), NOW).kind).toBe("warn");
  });

  it("does not call verified what was not", () => {
    expect(standing(view(NOW - HOUR, [file(NOW - HOUR, false)]), NOW).kind).toBe("wait");
  });
});

it("names sticks by their last folder, and knows what is on one", () => {
  expect([nameOf("/media/usb/SAUVE-B/"), nameOf("E:\\officine\\a.db")]).toEqual(["SAUVE-B", "a.db"]);
  expect(isOn("/media/usb/SAUVE-B/officine", "/media/usb/SAUVE-B")).toBe(true);
  expect(isOn("/media/usb/SAUVE-BIS", "/media/usb/SAUVE-B")).toBe(false);
  expect(isOn(null, "/media/usb/SAUVE-B")).toBe(false);
});
