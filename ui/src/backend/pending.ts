import type { Call } from "../contract/Call";
import type { CertificateView } from "../contract/CertificateView";
import type { ExportedFile } from "../contract/ExportedFile";
import type { IntegrityArgs } from "../contract/IntegrityArgs";
import type { IntegrityReport } from "../contract/IntegrityReport";
import type { ListRepairsArgs } from "../contract/ListRepairsArgs";
import type { Nothing } from "../contract/Nothing";
import type { RepairRun } from "../contract/RepairRun";
import type { RepairsView } from "../contract/RepairsView";

/** Commands that the engine is about to have, as its contract will say them. */
export type PendingCommands = {
  repair: Call<Nothing, RepairRun>;
  list_repairs: Call<ListRepairsArgs, RepairsView>;
  export_repairs: Call<ListRepairsArgs, ExportedFile | null>;
  check_integrity: Call<IntegrityArgs, IntegrityReport>;
  last_integrity: Call<Nothing, IntegrityReport | null>;
  export_integrity: Call<Nothing, ExportedFile | null>;
  certify: Call<Nothing, CertificateView>;
  list_certificates: Call<Nothing, CertificateView[]>;
};
