//! The contract of the storage, on both databases.

use std::{future::Future, pin::Pin, sync::Arc};

use officine_hub::{
    StoreError,
    decide::{Changes, WorkingSet, decide},
    operation::Prepared,
    secrets::hash,
    store::{Postgres, Sqlite, StockFilter},
};
use officine_protocol::messages::Outcome;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    altered, answers, checking,
    cluster::Cluster,
    conflicts, counting, coverage,
    decisions::{accepted, code},
    digests, epochs, isolation, lying, money, offering, on_the_way, pages, people, quarantine, race, releasing,
    rooms::{Hands, Room},
    rows, settling,
    shop::{line, take},
    uploads, voids, walking, zones,
};

type Story = fn(Room) -> Pin<Box<dyn Future<Output = ()> + Send>>;

macro_rules! stories {
    ($($name:ident: $story:path),+ $(,)?) => {
        const STORIES: &[(&str, Story)] = &[$((stringify!($name), |room| Box::pin($story(room)))),+];

        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::on_sqlite(stringify!($name)).await;
            })+
        }
    };
}

async fn on_sqlite(name: &str) {
    let folder = TempDir::new().unwrap();
    let (_, story) = STORIES.iter().find(|(known, _)| *known == name).unwrap();
    let store = Arc::new(Sqlite::open(folder.path()).unwrap());
    story(Room::within_reach(store, Hands::File(folder.path().join("hub.db"))).await).await;
}

stories! {
    a_code_enrols_once: a_code_enrols_once,
    a_known_incarnation_keeps_its_series: a_known_incarnation_keeps_its_series,
    a_revoked_token_is_known_as_such: a_revoked_token_is_known_as_such,
    a_push_under_way_ends_with_a_revocation: a_push_under_way_ends_with_a_revocation,
    the_same_push_three_times_is_one_sale: the_same_push_three_times_is_one_sale,
    one_operation_never_spoils_another: one_operation_never_spoils_another,
    the_rules_of_the_tables_hold_alone: the_rules_of_the_tables_hold_alone,
    answers_are_forgotten_only_when_acknowledged_and_old: answers_are_forgotten_only_when_acknowledged_and_old,
    a_short_lot_is_squared_and_a_refused_sale_stored: a_short_lot_is_squared_and_a_refused_sale_stored,
    edits_replace_parts_and_twins_merge: edits_replace_parts_and_twins_merge,
    a_till_off_for_weeks_replays_safely: answers::a_till_off_for_weeks_replays_safely,
    a_key_stands_for_one_content: answers::a_key_stands_for_one_content,
    an_attached_id_is_believed_only_of_its_entity_and_pharmacy:
        answers::an_attached_id_is_believed_only_of_its_entity_and_pharmacy,
    edits_of_two_tills_merge_by_field_and_the_last_in_time_wins:
        answers::edits_of_two_tills_merge_by_field_and_the_last_in_time_wins,
    an_edit_held_and_sent_again_loses_to_a_later_one_of_its_own_device:
        answers::an_edit_held_and_sent_again_loses_to_a_later_one_of_its_own_device,
    what_an_editor_never_saw_counts_behind_their_own_unanswered_edit:
        answers::what_an_editor_never_saw_counts_behind_their_own_unanswered_edit,
    a_hub_that_lost_what_a_till_knows_begins_an_epoch: epochs::a_hub_that_lost_what_a_till_knows_begins_an_epoch,
    a_till_of_a_newer_epoch_is_followed: epochs::a_till_of_a_newer_epoch_is_followed,
    a_counter_set_back_by_many_leaps_is_made_good: epochs::a_counter_set_back_by_many_leaps_is_made_good,
    a_till_that_lies_gains_little: epochs::a_till_that_lies_gains_little,
    of_another_history_nothing_is_applied: epochs::of_another_history_nothing_is_applied,
    a_sequence_with_another_content_puts_the_till_in_quarantine:
        quarantine::a_sequence_with_another_content_puts_the_till_in_quarantine,
    what_comes_again_is_no_copy: quarantine::what_comes_again_is_no_copy,
    a_revoked_till_delivers_into_quarantine_alone: quarantine::a_revoked_till_delivers_into_quarantine_alone,
    a_till_follows_another_of_its_pharmacy: quarantine::a_till_follows_another_of_its_pharmacy,
    what_a_copy_sold_is_released_once_and_judged_as_what_it_is:
        releasing::what_a_copy_sold_is_released_once_and_judged_as_what_it_is,
    what_the_till_sent_again_is_here_and_is_not_released: releasing::what_the_till_sent_again_is_here_and_is_not_released,
    small_pages_deliver_everything_once_in_order: pages::small_pages_deliver_everything_once_in_order,
    a_page_brings_what_its_rows_refer_to: pages::a_page_brings_what_its_rows_refer_to,
    a_page_of_some_entities_brings_their_parents: pages::a_page_of_some_entities_brings_their_parents,
    an_older_till_is_sent_what_it_knows: pages::an_older_till_is_sent_what_it_knows,
    a_page_is_bounded_in_bytes: pages::a_page_is_bounded_in_bytes,
    a_cursor_of_another_history_is_told_so: pages::a_cursor_of_another_history_is_told_so,
    aliases_and_tombstones_travel: pages::aliases_and_tombstones_travel,
    digests_are_those_of_the_rows_that_travel: digests::digests_are_those_of_the_rows_that_travel,
    a_digest_is_of_one_pharmacy_and_told_as_finely_as_asked: digests::a_digest_is_of_one_pharmacy_and_told_as_finely_as_asked,
    a_digest_narrowed_is_that_part_of_the_whole: digests::a_digest_narrowed_is_that_part_of_the_whole,
    the_rows_of_a_bucket_are_told_one_by_one: digests::the_rows_of_a_bucket_are_told_one_by_one,
    what_is_hashed_in_portions_goes_on_where_it_was: digests::what_is_hashed_in_portions_goes_on_where_it_was,
    a_row_is_read_once_for_as_long_as_nobody_writes_it: digests::a_row_is_read_once_for_as_long_as_nobody_writes_it,
    what_somebody_is_writing_is_not_kept: digests::what_somebody_is_writing_is_not_kept,
    rows_are_given_by_uid_and_alias_parents_first: rows::rows_are_given_by_uid_and_alias_parents_first,
    rows_that_do_not_fit_are_asked_for_again: rows::rows_that_do_not_fit_are_asked_for_again,
    a_reference_that_names_nothing_is_said_and_spoils_nothing: rows::a_reference_that_names_nothing_is_said_and_spoils_nothing,
    the_first_ticket_of_a_series_goes_on_from_one_that_is_known_or_from_none:
        lying::the_first_ticket_of_a_series_goes_on_from_one_that_is_known_or_from_none,
    a_row_gets_back_what_the_hub_lost_of_it_and_nothing_else: altered::a_row_gets_back_what_the_hub_lost_of_it_and_nothing_else,
    what_was_never_lost_is_not_taken_back: lying::what_was_never_lost_is_not_taken_back,
    a_ticket_of_another_till_comes_back_as_a_link_of_its_chain:
        lying::a_ticket_of_another_till_comes_back_as_a_link_of_its_chain,
    a_ticket_that_was_altered_here_is_written_as_it_was_printed:
        altered::a_ticket_that_was_altered_here_is_written_as_it_was_printed,
    what_only_the_hub_writes_stays_the_hubs: lying::what_only_the_hub_writes_stays_the_hubs,
    an_older_till_blanks_nothing_that_it_does_not_know: lying::an_older_till_blanks_nothing_that_it_does_not_know,
    a_row_given_back_by_another_of_its_names_gives_way_once_more:
        lying::a_row_given_back_by_another_of_its_names_gives_way_once_more,
    twins_of_a_hub_that_forgot_their_merging_are_one_again:
        lying::twins_of_a_hub_that_forgot_their_merging_are_one_again,
    rows_that_are_nothing_alike_are_not_made_one_by_a_name:
        lying::rows_that_are_nothing_alike_are_not_made_one_by_a_name,
    no_history_is_lost_of_what_a_till_had_said_it_has_read:
        lying::no_history_is_lost_of_what_a_till_had_said_it_has_read,
    what_a_hub_lost_comes_back_whole_and_once: offering::what_a_hub_lost_comes_back_whole_and_once,
    what_was_lost_overwrites_only_what_was_not_changed_since: offering::what_was_lost_overwrites_only_what_was_not_changed_since,
    of_several_lost_histories_each_is_told_apart: offering::of_several_lost_histories_each_is_told_apart,
    an_offer_gives_nobody_more_than_was_theirs: offering::an_offer_gives_nobody_more_than_was_theirs,
    what_is_given_back_is_settled_by_the_counts_of_its_lots: offering::what_is_given_back_is_settled_by_the_counts_of_its_lots,
    nothing_given_back_is_refused_for_stock_and_a_number_is_borne_once: offering::nothing_given_back_is_refused_for_stock_and_a_number_is_borne_once,
    rows_doubled_in_the_hubs_own_tables_are_one_again: checking::rows_doubled_in_the_hubs_own_tables_are_one_again,
    rows_that_may_be_one_are_left_to_a_person_who_is_asked_once: checking::rows_that_may_be_one_are_left_to_a_person_who_is_asked_once,
    no_name_is_given_twice_where_the_counter_was_set_back: checking::no_name_is_given_twice_where_the_counter_was_set_back,
    a_lot_below_zero_whose_recount_was_closed_by_hand_is_to_be_counted_again:
        checking::a_lot_below_zero_whose_recount_was_closed_by_hand_is_to_be_counted_again,
    sound_books_have_nothing_to_mend: checking::sound_books_have_nothing_to_mend,
    quantities_folds_and_revisions_are_set_right: checking::quantities_folds_and_revisions_are_set_right,
    what_cannot_be_set_right_is_said: checking::what_cannot_be_set_right_is_said,
    part_by_part_the_same_is_found_and_mended: checking::part_by_part_the_same_is_found_and_mended,
    a_walk_brings_everything_what_selling_needs_first: walking::a_walk_brings_everything_what_selling_needs_first,
    what_changes_during_a_walk_is_not_missed: walking::what_changes_during_a_walk_is_not_missed,
    a_page_of_a_walk_is_bounded_in_bytes: walking::a_page_of_a_walk_is_bounded_in_bytes,
    a_walk_of_another_history_is_told_so: walking::a_walk_of_another_history_is_told_so,
    an_older_till_walks_what_it_knows: walking::an_older_till_walks_what_it_knows,
    the_report_covers_every_column: coverage::the_report_covers_every_column,
    no_row_crosses_a_pharmacy: isolation::no_row_crosses_a_pharmacy,
    five_boxes_two_sales_of_five_one_wins: race::five_boxes_two_sales_of_five_one_wins,
    uploads_that_wait_share_one_commit: uploads::uploads_that_wait_share_one_commit,
    one_upload_never_spoils_another: uploads::one_upload_never_spoils_another,
    pushes_from_many_tills_lose_no_revision: race::pushes_from_many_tills_lose_no_revision,
    a_lot_holds_what_was_counted_and_what_happened_since: counting::a_lot_holds_what_was_counted_and_what_happened_since,
    what_turns_out_to_be_older_than_a_count_needs_no_stock_and_is_listed: counting::what_turns_out_to_be_older_than_a_count_needs_no_stock_and_is_listed,
    an_older_count_changes_no_quantity: counting::an_older_count_changes_no_quantity,
    a_count_closes_the_recount_of_a_lot_below_zero: counting::a_count_closes_the_recount_of_a_lot_below_zero,
    a_count_older_than_what_emptied_the_lot_leaves_its_recount_open: counting::a_count_older_than_what_emptied_the_lot_leaves_its_recount_open,
    zones_add_up_and_the_shelf_says_when: counting::zones_add_up_and_the_shelf_says_when,
    two_tills_count_the_shelf_and_the_reserve_in_two_stocktakes: counting::two_tills_count_the_shelf_and_the_reserve_in_two_stocktakes,
    a_complete_count_forgets_other_zones_and_a_later_one_of_them_counts: counting::a_complete_count_forgets_other_zones_and_a_later_one_of_them_counts,
    of_two_counts_of_one_zone_the_later_stands_and_at_one_instant_the_first: counting::of_two_counts_of_one_zone_the_later_stands_and_at_one_instant_the_first,
    twins_counted_apart_lie_in_one_zone_together: counting::twins_counted_apart_lie_in_one_zone_together,
    clocks_further_apart_than_count_and_sale_leave_it_to_a_person: counting::clocks_further_apart_than_count_and_sale_leave_it_to_a_person,
    two_tills_may_not_take_both_owners_away: people::two_tills_may_not_take_both_owners_away,
    nobody_gives_the_run_of_a_pharmacy_that_has_an_owner: people::nobody_gives_the_run_of_a_pharmacy_that_has_an_owner,
    a_stocktake_moves_only_what_it_counted: counting::a_stocktake_moves_only_what_it_counted,
    what_comes_back_is_on_the_shelf_and_no_number_is_given_twice: money::what_comes_back_is_on_the_shelf_and_no_number_is_given_twice,
    a_return_of_a_refused_ticket_moves_nothing: money::a_return_of_a_refused_ticket_moves_nothing,
    a_ceiling_passed_is_flagged_and_a_repayment_makes_room: money::a_ceiling_passed_is_flagged_and_a_repayment_makes_room,
    a_repayment_of_a_refused_ticket_is_an_advance_of_its_customer: money::a_repayment_of_a_refused_ticket_is_an_advance_of_its_customer,
    a_telephone_payment_borne_twice_is_flagged: money::a_telephone_payment_borne_twice_is_flagged,
    what_paid_a_ticket_that_does_not_stand_pays_another: money::what_paid_a_ticket_that_does_not_stand_pays_another,
    a_closed_drawer_never_changes: money::a_closed_drawer_never_changes,
    twins_are_what_the_declaration_says: money::twins_are_what_the_declaration_says,
    kept_the_goods_have_left_below_zero_and_a_recount_is_open: settling::kept_the_goods_have_left_below_zero_and_a_recount_is_open,
    cancelled_nothing_moves_and_what_is_owed_is_not: settling::cancelled_nothing_moves_and_what_is_owed_is_not,
    the_first_decision_stands_and_the_second_is_stored_void: settling::the_first_decision_stands_and_the_second_is_stored_void,
    a_decision_on_a_ticket_that_stands_or_that_does_not_add_up_is_void: settling::a_decision_on_a_ticket_that_stands_or_that_does_not_add_up_is_void,
    what_came_back_before_it_was_kept_is_back: settling::what_came_back_before_it_was_kept_is_back,
    what_is_kept_counts_from_the_sale: settling::what_is_kept_counts_from_the_sale,
    what_somebody_may_not_is_stored_and_moves_nothing: settling::what_somebody_may_not_is_stored_and_moves_nothing,
    only_the_till_that_sold_withdraws: settling::only_the_till_that_sold_withdraws,
    what_can_be_read_of_a_refused_ticket_is_stored_and_settled: voids::what_can_be_read_of_a_refused_ticket_is_stored_and_settled,
    a_ticket_under_a_key_of_another_or_a_sequence_of_its_own_request_is_stored:
        voids::a_ticket_under_a_key_of_another_or_a_sequence_of_its_own_request_is_stored,
    a_ticket_that_the_database_objects_to_is_stored_void: voids::a_ticket_that_the_database_objects_to_is_stored_void,
    a_sale_of_boxes_on_their_way_waits_with_what_brings_them: on_the_way::a_sale_of_boxes_on_their_way_waits_with_what_brings_them,
    a_sale_waits_for_no_other_tills_delivery: on_the_way::a_sale_waits_for_no_other_tills_delivery,
    a_sale_waits_for_no_later_ticket_of_its_till: on_the_way::a_sale_waits_for_no_later_ticket_of_its_till,
    boxes_that_came_between_the_counts_of_two_zones_leave_a_recount_open: zones::boxes_that_came_between_the_counts_of_two_zones_leave_a_recount_open,
    boxes_heard_of_after_a_zone_was_counted_anew_open_a_recount: zones::boxes_heard_of_after_a_zone_was_counted_anew_open_a_recount,
    money_given_back_twice_is_flagged_and_the_decision_stands: settling::money_given_back_twice_is_flagged_and_the_decision_stands,
    what_came_back_to_quarantine_counted_since_is_in_its_count: settling::what_came_back_to_quarantine_counted_since_is_in_its_count,
    what_came_back_to_its_own_lot_counted_since_is_in_its_count: settling::what_came_back_to_its_own_lot_counted_since_is_in_its_count,
    the_same_field_by_each_strategy: conflicts::the_same_field_by_each_strategy,
    different_fields_merge_by_themselves_whatever_the_strategy: conflicts::different_fields_merge_by_themselves_whatever_the_strategy,
    an_archival_of_what_was_edited_by_each_strategy: conflicts::an_archival_of_what_was_edited_by_each_strategy,
    an_edit_of_what_was_archived_by_each_strategy: conflicts::an_edit_of_what_was_archived_by_each_strategy,
    three_tills_by_each_strategy: conflicts::three_tills_by_each_strategy,
    a_wrong_clock_wins_nothing_by_it: conflicts::a_wrong_clock_wins_nothing_by_it,
    the_four_cases_of_a_descriptive_field: conflicts::the_four_cases_of_a_descriptive_field,
    prices_expiries_and_lot_numbers_are_a_persons_unless_said_otherwise: conflicts::prices_expiries_and_lot_numbers_are_a_persons_unless_said_otherwise,
    a_strategy_for_all_leaves_prices_to_a_person_and_one_for_the_entity_does_not: conflicts::a_strategy_for_all_leaves_prices_to_a_person_and_one_for_the_entity_does_not,
    codes_attached_on_two_tills_both_stay: conflicts::codes_attached_on_two_tills_both_stay,
    an_edit_of_a_row_that_was_merged_away_meets_what_the_other_holds: conflicts::an_edit_of_a_row_that_was_merged_away_meets_what_the_other_holds,
    a_clock_that_is_not_trusted_leaves_the_later_to_a_person: conflicts::a_clock_that_is_not_trusted_leaves_the_later_to_a_person,
    a_resolution_writes_what_was_chosen_and_stands: conflicts::a_resolution_writes_what_was_chosen_and_stands,
    two_resolutions_at_once_end_with_the_first: conflicts::two_resolutions_at_once_end_with_the_first,
    the_hubs_value_chosen_changes_nothing_and_closes: conflicts::the_hubs_value_chosen_changes_nothing_and_closes,
    a_resolution_is_of_its_conflict_and_holds_what_the_row_may: conflicts::a_resolution_is_of_its_conflict_and_holds_what_the_row_may,
    twins_that_a_person_makes_one_keep_every_reference_and_every_box: conflicts::twins_that_a_person_makes_one_keep_every_reference_and_every_box,
    what_comes_later_for_a_row_made_another_one_is_of_that_one: conflicts::what_comes_later_for_a_row_made_another_one_is_of_that_one,
    twins_that_sell_other_units_are_two_until_a_person_decides:
        conflicts::twins_that_sell_other_units_are_two_until_a_person_decides,
    lots_of_one_line_that_become_one_are_one_movement: conflicts::lots_of_one_line_that_become_one_are_one_movement,
    only_what_was_asked_about_is_made_one_and_only_where_it_can_be: conflicts::only_what_was_asked_about_is_made_one_and_only_where_it_can_be,
    what_was_written_since_is_asked_again_and_not_overwritten: conflicts::what_was_written_since_is_asked_again_and_not_overwritten,
    what_was_written_since_is_no_matter_where_it_is_what_was_chosen: conflicts::what_was_written_since_is_no_matter_where_it_is_what_was_chosen,
    a_conflict_about_a_row_made_another_one_is_answered_there: conflicts::a_conflict_about_a_row_made_another_one_is_answered_there,
    what_the_winner_learns_is_told_as_its_own: conflicts::what_the_winner_learns_is_told_as_its_own,
    tills_make_no_conflicts_and_take_none_away: conflicts::tills_make_no_conflicts_and_take_none_away,
    who_resolves_may_what_they_choose: conflicts::who_resolves_may_what_they_choose,
    a_cell_and_an_archival_are_resolved_too: conflicts::a_cell_and_an_archival_are_resolved_too,
    twins_that_are_proposed_wait_for_a_person: conflicts::twins_that_are_proposed_wait_for_a_person,
    one_answer_closes_every_question_that_asks_no_more: conflicts::one_answer_closes_every_question_that_asks_no_more,
    a_question_that_asks_more_stays_open: conflicts::a_question_that_asks_more_stays_open,
    an_edit_upon_a_conflict_answers_it: conflicts::an_edit_upon_a_conflict_answers_it,
    a_code_put_back_stands_where_there_is_room: conflicts::a_code_put_back_stands_where_there_is_room,
    the_log_is_read_in_pages_filtered_and_of_one_pharmacy: conflicts::the_log_is_read_in_pages_filtered_and_of_one_pharmacy,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_postgres() {
    let cluster = Cluster::start();
    for (name, story) in STORIES {
        println!("{name}");
        let database = cluster.database(&name[..name.len().min(60)]);
        let store = Postgres::open(&database.app, Some(&database.owner)).await.unwrap();
        story(Room::within_reach(Arc::new(store), Hands::Root(database.root)).await).await;
    }
}

async fn a_code_enrols_once(room: Room) {
    let code = room.code().await;
    let first = room.app.store.enrol(room.enrolment(&code.to_lowercase(), 5)).await.unwrap();
    assert_eq!((first.device.series, first.pharmacy.as_str(), first.epoch), (1, "Pharmacie du Port", 1));
    assert_eq!(first.pin_secret.len(), 32);
    let again = room.app.store.enrol(room.enrolment(&code, 6)).await;
    assert!(matches!(again, Err(StoreError::CodeUsed)));
    let wrong = room.app.store.enrol(room.enrolment("AAAA-AAAA", 6)).await;
    assert!(matches!(wrong, Err(StoreError::CodeWrong)));
    let old = room.code().await;
    let mut late = room.enrolment(&old, 6);
    late.now += 25 * 3600 * 1000;
    assert!(matches!(room.app.store.enrol(late).await, Err(StoreError::CodeWrong)));
}

async fn a_known_incarnation_keeps_its_series(room: Room) {
    let (first, _) = room.till(5).await;
    let (other, _) = room.till(6).await;
    room.app.store.revoke(first.uid, 1).await.unwrap();
    let (again, _) = room.till(5).await;
    assert_eq!(first, again);
    assert_ne!(first.series, other.series);
    assert!(room.app.store.devices().await.unwrap().iter().all(|device| device.revoked_at.is_none()));
}

async fn a_revoked_token_is_known_as_such(room: Room) {
    let (device, _) = room.till(5).await;
    let token = hash(b"token of 5");
    assert!(!room.app.store.bearer(token).await.unwrap().unwrap().revoked);
    room.app.store.revoke(device.uid, 1).await.unwrap();
    assert!(room.app.store.bearer(token).await.unwrap().unwrap().revoked);
    assert!(room.app.store.bearer(hash(b"another")).await.unwrap().is_none());
    let unknown = room.app.store.revoke(room.pharmacy, 1).await;
    assert!(matches!(unknown, Err(StoreError::Unknown("device"))));
}

async fn a_push_under_way_ends_with_a_revocation(room: Room) {
    let (device, mut shop) = room.till(5).await;
    room.app.store.revoke(device.uid, 1).await.unwrap();
    let (_, supplier) = shop.supplier("a");
    let late = room.push_with(&device, &[supplier], decide).await;
    assert!(matches!(late, Err(StoreError::Revoked)));
    let standing = room.app.store.standing(device.pharmacy).await.unwrap();
    assert_eq!((standing.revision, standing.rows.contains(&("supplier", 0))), (0, true));
}

async fn the_same_push_three_times_is_one_sale(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    let first = room.push(&device, &operations).await;
    assert!(first.verdicts.iter().all(accepted), "{:?}", first.verdicts);
    for _ in 0..2 {
        let again = room.push(&device, &operations).await;
        assert_eq!(again.revision, first.revision);
        for (before, now) in first.verdicts.iter().zip(&again.verdicts) {
            assert!(now.duplicate && now.outcome == before.outcome);
        }
    }
    assert_eq!(room.lot(lots[0]).await, (3, false));
    let standing = room.app.store.standing(device.pharmacy).await.unwrap();
    assert!(standing.rows.contains(&("sale", 1)));
}

/// Decides as usual, but writes what the tables refuse wherever a supplier is called « boom ».
pub fn sabotage(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    let mut changes = decide(working, operations);
    let rows = changes.rows.get_mut("supplier").into_iter().flatten();
    for (_, row) in rows.filter(|(_, row)| row.record.values.iter().any(|value| value.text() == Some("boom"))) {
        row.record.values.fill(officine_protocol::value::Value::Null);
    }
    changes
}

async fn one_operation_never_spoils_another(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let operations = ["a", "boom", "c"].map(|name| shop.supplier(name).1);
    let pushed = room.push_with(&device, &operations, sabotage).await.unwrap();
    let codes: Vec<_> = pushed.verdicts.iter().map(|verdict| code(&verdict.outcome)).collect();
    assert_eq!(codes, ["accepted", "storage_refused", "accepted"]);
    assert_eq!(pushed.revision, 2);
    let standing = room.app.store.standing(device.pharmacy).await.unwrap();
    assert!(standing.rows.contains(&("supplier", 2)));
    let again = room.push(&device, &operations).await;
    assert!(again.verdicts.iter().all(|verdict| verdict.duplicate));
}

/// Takes stock without opening a recount.
fn reckless(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    let mut changes = decide(working, operations);
    changes.deltas.values_mut().for_each(|delta| *delta = -1_000);
    changes
}

async fn the_rules_of_the_tables_hold_alone(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[5]);
    room.push(&device, &operations).await;
    let correction = shop.opening(&[(lots[0], 1)]);
    let pushed = room.push_with(&device, &[correction], reckless).await.unwrap();
    assert_eq!(code(&pushed.verdicts[0].outcome), "storage_refused");
    assert_eq!(room.lot(lots[0]).await, (5, false));
}

async fn answers_are_forgotten_only_when_acknowledged_and_old(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, supplier) = shop.supplier("a");
    room.push(&device, std::slice::from_ref(&supplier)).await;
    assert_eq!(room.app.store.prune(i64::MAX).await.unwrap(), 0, "not acknowledged");
    let heard = officine_hub::store::Heard { acknowledged: 1, ..Default::default() };
    let now = room.app.clock.now();
    let batch = officine_hub::store::Batch { device, heard, operations: vec![], now, commit: supplier.uid };
    room.app.store.transact(batch, decide).await.unwrap();
    assert_eq!(room.app.store.prune(0).await.unwrap(), 0, "not old");
    assert_eq!(room.app.store.prune(i64::MAX).await.unwrap(), 1);
}

async fn a_short_lot_is_squared_and_a_refused_sale_stored(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[2, 4]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]));
    let pushed = room.push(&device, &operations).await;
    let [.., squared, refused] = pushed.verdicts.as_slice() else { panic!() };
    let Outcome::Accepted { corrections, .. } = &squared.outcome else { panic!("{squared:?}") };
    assert_eq!(corrections.movements.len(), 2);
    assert_eq!(code(&refused.outcome), "stock_insufficient");
    assert_eq!(room.lot(lots[0]).await, (0, true));
    assert_eq!(room.lot(lots[1]).await, (1, false));
    let page = room.page(&device, Default::default(), 100).await;
    let sales: Vec<_> = page.rows.iter().filter(|row| row.entity == "sale").collect();
    let states: Vec<_> = sales.iter().map(|row| (&row.fields["state"], row.parts["movements"].len())).collect();
    assert_eq!(states, [(&json!("confirmed"), 3), (&json!("reversed"), 2)]);
    let filter = StockFilter { code: Some("2000000000015".into()), ..StockFilter::default() };
    assert_eq!(room.app.store.stock(filter).await.unwrap().iter().map(|lot| lot.quantity).sum::<i64>(), 1);
}

async fn edits_replace_parts_and_twins_merge(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, _, operations) = shop.stocked(&[2]);
    room.push(&device, &operations).await;
    let mut edit = shop.edit(&officine_protocol::entities::PRODUCT, product, json!({ "name": "Paracétamol 500" }));
    let units = json!([{ "position": 0, "name": "boîte", "factor": 10, "price": 9_000 },
                       { "position": 1, "name": "comprimé", "factor": 1 }]);
    edit.parts.insert("units".into(), serde_json::from_value(units.clone()).unwrap());
    let (_, setting) = shop.setting("currency", "\"GNF\"");
    let (_, twin) = shop.setting("currency", "\"EUR\"");
    assert!(room.push(&device, &[edit]).await.verdicts.iter().all(accepted));
    room.push(&device, &[setting]).await;
    let merged = room.push(&device, &[twin]).await;
    let Outcome::Accepted { corrections, .. } = &merged.verdicts[0].outcome else { panic!() };
    assert!(corrections.merged_into.is_some());
    let page = room.page(&device, Default::default(), 100).await;
    let row = page.rows.iter().find(|row| row.uid == product).unwrap();
    assert_eq!(json!(row.parts["units"]), units);
    assert_eq!(row.fields["name"], json!("Paracétamol 500"));
}
