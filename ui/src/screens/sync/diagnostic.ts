import type { DiagnosticView } from "../../contract/DiagnosticView";
import type { EntityCount } from "../../contract/EntityCount";
import { figures } from "../../lib/amount";
import type { Meaning } from "../../state/toasts.svelte";
import { decimal, m, problemText, word } from "../../words.svelte";

export interface Difference {
  /** Rows here more than on the hub; fewer where negative. */
  n: number;
  kind: Meaning;
}

/**
 * How far both sides differ; `null` where the hub did not say. What still waits to go up explains as many rows here,
 * what this till has not read yet explains any difference; the rest is to be looked at.
 */
export function difference(row: EntityCount, behind: boolean): Difference | null {
  if (row.hub === null) return null;
  const n = row.here - row.hub;
  if (n === 0) return { n, kind: "ok" };
  const explained = behind || (n > 0 && n <= row.waiting);
  return { n, kind: explained ? "wait" : "warn" };
}

/** The hub knows more than this till has read. */
export function isBehind(diagnostic: DiagnosticView): boolean {
  return (diagnostic.hubStanding?.revision ?? 0) > diagnostic.revision;
}

const entity = (name: string): string => word(`entities_${name}`) ?? name;

function both(here: string | number, hub: string | number | null | undefined): string {
  return hub ? m.diag_both({ here: String(here), hub: String(hub) }) : String(here);
}

/** What this till is and how it reaches its hub: name and value. */
export function facts(view: DiagnosticView): [string, string][] {
  const hub = view.hubStanding;
  const wire =
    hub && (hub.oldestProtocol === hub.protocol ? hub.protocol : `${hub.oldestProtocol}–${hub.protocol}`);
  const trip = view.roundTripMs === null ? "" : `, ${m.diag_trip({ ms: figures(view.roundTripMs) })}`;
  return [
    [m.diag_link(), `${word(`network_${view.network}`)}${view.hubProblem ? "" : trip}`],
    [m.diag_clock(), view.clockOffsetMs === null ? m.diag_not_measured() : offset(view.clockOffsetMs)],
    [m.diag_version(), both(view.version, hub?.version)],
    [m.diag_protocol(), both(view.protocol, wire)],
    [m.diag_schema(), both(view.schema, hub?.schema)],
    [m.diag_revision(), both(figures(view.revision), hub && figures(hub.revision))],
    [m.diag_epoch(), String(view.epoch)],
    [m.diag_series(), String(view.series)],
    [m.diag_hub(), view.hub],
    [m.diag_device(), view.device],
    [m.diag_incarnation(), view.incarnation],
    [m.diag_folder(), view.dataDir],
    [m.diag_log(), view.logFile],
  ];
}

/** `+0,2 s`: the hub's clock is that much ahead. */
function offset(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${decimal(Math.abs(ms) / 1000)}\u00a0s`;
}

/** Everything Diagnostic shows, to be sent to whoever helps. */
export function asText(view: DiagnosticView): string {
  const behind = isBehind(view);
  const row = (count: EntityCount): string => {
    const differs = difference(count, behind);
    const mark =
      differs && differs.n !== 0 ? `\t${signed(differs.n)}${differs.kind === "warn" ? " !" : ""}` : "";
    return `${entity(count.entity)}\t${count.here}\t${count.hub ?? "—"}${mark}`;
  };
  const lines = [
    m.rail_sync(),
    ...facts(view).map(([name, value]) => `${name}\t${value}`),
    ...(view.hubProblem ? [problemText(view.hubProblem)] : []),
    "",
    [m.diag_rows(), m.diag_here(), m.diag_at_hub(), m.diag_difference()].join("\t"),
    ...view.rows.map(row),
    "",
    [m.diag_coverage(), m.diag_synced(), m.diag_immutable(), m.diag_derived(), m.diag_local()].join("\t"),
    ...view.coverage.map((one) =>
      [entity(one.entity), one.synced, one.immutable, one.derived, one.localOnly].join("\t"),
    ),
    ...[...view.undeclared, ...view.missing].map((column) => `! ${column}`),
  ];
  return lines.join("\n") + "\n";
}

/** `+2` or `−2`. */
export function signed(n: number): string {
  return `${n < 0 ? "−" : "+"}${figures(Math.abs(n))}`;
}
