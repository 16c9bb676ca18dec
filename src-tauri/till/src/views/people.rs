//! Who is at the till: start, enrolment, sign-in.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// What the window shows first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StartView {
    /// Version of the application.
    pub version: String,
    /// False: show the enrolment screen.
    pub enrolled: bool,
    /// Enrolled, but the pharmacy has no user yet: show the first owner's form.
    pub needs_owner: bool,
    /// Name of the pharmacy, empty before enrolment.
    pub pharmacy: String,
    /// Name of this till, e.g. `Caisse 2`.
    pub till: String,
    /// Who may sign in, in the order shown (digits 1 to 9 choose).
    pub people: Vec<PersonCard>,
    /// Signed in already (the window was reloaded).
    pub session: Option<SessionView>,
    /// Today, as the till sees it.
    pub today: String,
    /// The store cannot be used: the only thing to show, with what to press.
    pub problem: Option<Problem>,
}

/// A person on the sign-in screen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PersonCard {
    /// Identity.
    pub uid: String,
    /// Full name.
    pub name: String,
    /// Login typed on the command line.
    pub login: String,
    /// Role.
    pub role: RoleName,
    /// Locked by wrong PINs until then.
    pub locked_until: Option<i64>,
    /// Lines of a cart kept for them.
    pub kept_lines: u32,
    /// Only on a demo pharmacy: the PIN to type.
    pub demo_pin: Option<String>,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RoleName {
    /// Sells.
    Cashier,
    /// Sells, moves stock.
    Pharmacist,
    /// Runs the shop: prices, import, users, settings.
    Manager,
    /// Everything.
    Owner,
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SessionView {
    /// Identity.
    pub uid: String,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: RoleName,
    /// What the role allows, by name (`sell`, `set_price`, `import`, `settings`, `unlock_user`, `see_sync` …).
    /// The window hides what is not here; the engine refuses it in any case.
    pub permissions: Vec<String>,
}

/// Enrolment by one-time code.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EnrolArgs {
    /// `https://hub.example:8443`, or `http://` on loopback.
    pub hub: String,
    /// The code the hub's administrator read out.
    pub code: String,
    /// How this till shall be called.
    pub till: String,
}

/// The first user of a pharmacy that has none.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CreateOwnerArgs {
    /// Full name.
    pub name: String,
    /// Login.
    pub login: String,
    /// 4 to 8 digits.
    pub pin: String,
}

/// Sign-in.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SignInArgs {
    /// Who.
    pub uid: String,
    /// 4 to 8 digits.
    pub pin: String,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UserArgs {
    /// Who.
    pub uid: String,
}
