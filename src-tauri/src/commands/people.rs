//! Who is at the till.

use officine_till::{
    Result, Till, Trigger,
    views::{
        ContactView, CreateOwnerArgs, EnrolArgs, ListContactsArgs, Nothing, PersonCard, SessionView, SignInArgs,
        StartView, UserArgs,
    },
};
use tauri::State;

use crate::{Answer, Shell};

/// Who may sign in.
#[tauri::command]
pub async fn list_people(shell: State<'_, Shell>) -> Answer<Vec<PersonCard>> {
    shell.run(move |till| till.people()).await
}

/// « Contacts »: suppliers or customers.
#[tauri::command]
pub async fn list_contacts(shell: State<'_, Shell>, args: ListContactsArgs) -> Answer<Vec<ContactView>> {
    shell.run(move |till| till.list_contacts(&args)).await
}

/// Signs somebody in.
#[tauri::command]
pub async fn sign_in(shell: State<'_, Shell>, args: SignInArgs) -> Answer<SessionView> {
    shell.run(move |till| till.sign_in(&args)).await
}

/// Lets a locked person try again.
#[tauri::command]
pub async fn unlock_user(shell: State<'_, Shell>, args: UserArgs) -> Answer<Nothing> {
    shell.run(move |till| till.unlock_user(&args.uid).map(|()| Nothing)).await
}

/// The first user of a pharmacy that has none.
#[tauri::command]
pub async fn create_owner(shell: State<'_, Shell>, args: CreateOwnerArgs) -> Answer<StartView> {
    shell.run(move |till| till.create_owner(&args).and_then(|()| till.start())).await
}

/// What the window shows first, a store that cannot be opened included.
#[tauri::command(async)]
pub fn start(shell: State<'_, Shell>) -> Answer<StartView> {
    Ok(shell.start())
}

/// Enrols this till, and fetches what its pharmacy has, if the hub still answers.
#[tauri::command]
pub async fn enrol(shell: State<'_, Shell>, args: EnrolArgs) -> Answer<StartView> {
    shell.run(move |till| enrolled(till, &args)).await
}

fn enrolled(till: &Till, args: &EnrolArgs) -> Result<StartView> {
    till.enrol(args)?;
    if let Err(error) = till.sync_now(Trigger::Manual) {
        tracing::warn!(%error, "enrolled, and nothing fetched yet");
    }
    till.start()
}

/// Signs out; the cart stays.
#[tauri::command]
pub async fn sign_out(shell: State<'_, Shell>) -> Answer<Nothing> {
    shell
        .in_turn(|till| {
            till.sign_out();
            Ok(Nothing)
        })
        .await
}
