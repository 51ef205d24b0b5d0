"""Tests with many near-same cases or of many pages, marked `exhaustive`: `make quick` runs few of their cases or none.

Everything else that runs the quick tests runs all of them, on the engines on which they run anyway, but the run without
the tricks for speed: tests/fast/test_both_modes.py says that every address answers the same without.
"""

import ast
from collections import defaultdict

# {file: {test: how many of its cases `make quick` runs, spread evenly, or which ones}}; where no test is named, no case
# of the file.
KEPT = {
    "as_at/test_pages.py": {
        "test_a_day_that_cannot_be_shown_says_why": 3,
        "test_files_carry_the_day_in_their_name": 2,
        "test_links_stay_at_the_day_and_nothing_can_be_edited": 4,
    },
    "backup/test_refusals.py": {
        "test_manifest_that_cannot_be_read_is_refused": 4,
    },
    "comparison/test_page.py": {
        "test_queries_are_as_many_for_any_number_of_activities": 0,
        "test_what_cannot_be_compared_says_why_and_is_no_file": 4,
    },
    "fast/test_conditional_pages.py": {
        "test_head_of_an_unchanged_page_says_so_too": 4,
        "test_page_is_sent_again_after_a_change": 0,
        "test_pages_are_sent_whole_without_the_tricks": 4,
        "test_unchanged_page_costs_a_signed_in_person_their_session_and_themselves": 4,
        "test_unchanged_page_is_not_sent_again_and_costs_a_visitor_one_query": 4,
    },
    "fast/test_prepared_queries.py": {
        "test_objects_are_as_django_makes_them": 0,
    },
    "read_api/test_lists.py": {
        "test_queries_are_as_many_for_any_number_of_rows": 0,
    },
    "spreadsheets/cases/test_cases_shown.py": {
        "test_cases_e2_error_values_are_errors_of_their_cells": 12,
    },
    "spreadsheets/checking/test_properties.py": {
        "test_csv_export_of_any_plan_imported_again_changes_nothing": 0,
        "test_excel_export_of_any_plan_imported_again_changes_nothing": 0,
        "test_export_with_invisible_signs_in_each_word_changes_nothing": 0,
        "test_file_brought_twice_comes_to_what_it_came_to_once": 0,
        "test_files_without_a_conflict_come_to_the_same_in_any_order": 0,
        "test_no_edit_is_lost_whichever_file_comes_first": 0,
    },
    "spreadsheets/importing/test_apply.py": {
        "test_apply_costs_no_query_a_row": 0,
    },
    "spreadsheets/importing/test_autocommit.py": {},
    "spreadsheets/importing/test_due.py": {
        "test_due_date_is_read_as_people_write_it": 4,
        "test_first_planned_date_survives_edits_imports_and_undo": 0,
    },
    "spreadsheets/importing/test_renumbering.py": {
        "test_file_that_was_undone_can_be_imported_again": 0,
        "test_renumbered_export_moves_the_activities_and_comes_back": 1,
        "test_renumbering_costs_two_queries_more": 0,
    },
    "spreadsheets/importing/test_ticks.py": {
        "test_undo_keeps_and_lists_a_tick_that_somebody_changed": 1,
    },
    "spreadsheets/importing/test_undo.py": {
        "test_undo_costs_no_query_a_row": 0,
    },
    "spreadsheets/importing/test_workflow.py": {
        "test_whole_import_costs_no_query_a_row": 0,
    },
    "spreadsheets/reading/test_workbooks.py": {},
    "spreadsheets/test_export.py": {
        "test_csv_of_many_rows_takes_no_more_memory_than_of_few": 0,
        "test_guard_stops_formulas_behind_a_separator_and_can_be_undone": 32,
        "test_lines_read_as_values_are_those_of_the_activities": 1,
    },
    "spreadsheets/test_published_errors.py": {
        "test_read_appendix_says_the_line_and_what_is_wrong": 12,
        "test_read_appendix_says_what_is_wrong_with_the_guide": 8,
    },
    "spreadsheets/test_reporting_workbook.py": {
        "test_fill_ins_of_all_are_those_of_each": 0,
        "test_fill_ins_of_all_leave_out_agencies_from_the_day_after_their_last": 0,
    },
    "spreadsheets/test_row_versions.py": {
        "test_seal_fits_a_cell_however_many_texts_are_long": 0,
        "test_unseal_answers_what_was_sealed": 0,
    },
    "spreadsheets/test_sheets.py": {
        "test_lines_are_written_as_the_library_writes_their_cells": 0,
    },
    "test_activity_selection.py": {
        "test_pages_of_any_choice_hold_what_the_choice_leaves": 0,
    },
    "test_addresses.py": {
        "test_every_address_answers_each_role_as_the_table_says": ("closed visitor",),
        "test_every_address_of_accounts_answers_each_role_as_the_table_says": ("police_updater",),
        "test_every_page_is_sound": 0,
        "test_head_answers_as_get_does": 0,
        "test_no_address_takes_another_verb": 0,
    },
    "test_admin_access.py": {
        "test_pages_open_for_a_programme_admin_only": 2,
    },
    "test_admin_activities.py": {},
    "test_admin_many_plans.py": {},
    "test_admin_reference_lists.py": {},
    "test_agency_choice.py": {
        "test_rows_give_each_agency_its_role_and_place": 3,
    },
    "test_agency_merges.py": {
        "test_merge_and_undo_leave_everything_as_it_was": 2,
    },
    "test_agency_names_at_once.py": {},
    "test_agency_pages.py": {
        "test_agency_is_refused_in_words_and_what_was_typed_stays": 3,
    },
    "test_audit.py": {
        "test_newer_cipher_of_the_same_password_is_not_noted": 0,
    },
    "test_barriers.py": {
        "test_barriers_of_an_agency_are_those_of_what_it_leads_and_those_it_raised": 3,
        "test_file_costs_the_same_for_one_barrier_and_for_forty": 0,
        "test_list_costs_the_same_for_one_barrier_and_for_forty": 0,
    },
    "test_demo.py": {},
    "test_editing.py": {
        "test_edit_costs_the_same_for_one_sub_activity_and_for_many": 0,
        "test_edit_refuses_in_words_and_keeps_what_was_typed": 3,
        "test_version_that_is_missing_or_tampered_overwrites_nothing": 1,
    },
    "test_facets_counted.py": {
        "test_each_count_is_what_its_choice_would_leave": 1,
    },
    "test_filters.py": {
        "test_due_dates_and_ratings_are_chosen": 5,
        "test_every_count_is_the_length_of_the_list_that_it_promises": 0,
        "test_matching_is_the_length_of_the_list": 3,
    },
    "test_first_history.py": {},
    "test_form_keys.py": {
        "test_form_that_is_done_once_carries_a_key": 6,
    },
    "test_form_recovery.py": {
        "test_session_stays_small_enough_to_be_read_for_every_page": 0,
        "test_text_is_discarded_on_request_and_leads_nowhere_else": 3,
    },
    "test_freshness.py": {
        "test_filter_leaves_what_is_that_fresh": 3,
        "test_freshness_is_judged_by_the_open_round": 2,
    },
    "test_gunicorn.py": {},
    "test_merging.py": {},
    "test_new_activity.py": {
        "test_new_activity_is_refused_in_words_and_keeps_what_was_typed": 3,
    },
    "test_people.py": {
        "test_list_costs_the_same_however_many_people_there_are": 0,
    },
    "test_people_actions.py": {
        "test_each_function_refuses_what_the_table_does_not_allow": 42,
        "test_each_page_refuses_what_the_table_does_not_allow": 3,
    },
    "test_record.py": {
        "test_page_costs_the_same_for_one_change_and_for_many": 0,
        "test_page_reads_no_more_rows_of_a_longer_record": 0,
        "test_pages_tell_the_whole_record_once": 0,
        "test_parts_of_the_record_are_the_whole_record_however_few_rows_are_read": 0,
        "test_workbook_costs_the_same_for_one_event_and_for_many": 0,
    },
    "test_refusals.py": {
        "test_words_stay_at_an_address_that_is_refused_by_now": 2,
        "test_words_survive_what_goes_wrong_while_they_are_saved": 2,
    },
    "test_reminders.py": {
        "test_pages_cost_the_same_for_many_people": 0,
    },
    "test_responsibility.py": {
        "test_each_form_of_the_rule_says_the_same": 2,
        "test_everything_follows_the_rule_of_who_may_report": 0,
    },
    "test_restoring.py": {
        "test_restoring_is_for_programme_admins": 1,
    },
    "test_rights_at_write.py": {
        "test_write_of_an_admin_is_refused_once_the_right_is_lost": 10,
        "test_write_of_an_updater_is_refused_once_the_right_is_lost": 8,
    },
    "test_rounds.py": {
        "test_every_number_of_a_round_leads_to_exactly_its_list": 0,
        "test_round_costs_the_same_for_many_activities_and_reports": 1,
    },
    "test_sessions.py": {
        "test_password_in_a_newer_cipher_ends_nothing": 0,
    },
    "test_site_url.py": {
        "test_workbook_leads_to_the_site_itself": 2,
    },
    "test_slip_ledger.py": {
        "test_page_costs_the_same_for_few_and_many": 0,
        "test_page_takes_the_filters_of_the_list": 3,
    },
    "test_text.py": {
        "test_fold_of_folded_text_changes_nothing": 0,
    },
    "test_updates_at_once.py": {},
    "test_words_kept.py": {
        "test_every_form_in_which_something_is_written_is_named_here": 0,
        "test_every_form_of_the_admin_shows_and_keeps_the_words": 0,
        "test_every_form_that_is_refused_shows_and_keeps_the_words": 0,
    },
    "test_year_two.py": {},
    "views/test_activity.py": {
        "test_activity_costs_as_many_queries_alone_as_among_fifteen": 0,
    },
    "views/test_activity_list.py": {
        "test_facets_count_what_each_value_would_leave": 4,
        "test_fifty_fit_on_a_page_and_the_rest_on_the_next": 0,
        "test_fifty_need_no_second_page": 0,
        "test_list_costs_a_signed_in_person_eleven_queries": 1,
        "test_list_costs_as_many_queries_for_one_activity_as_for_fifteen": 1,
        "test_same_activities_on_the_page_and_in_both_exports": 6,
        "test_unknown_filter_or_page_is_an_error_and_shows_no_rows": 4,
        "test_unknown_value_is_an_error_at_its_filter_and_shows_no_rows": 4,
    },
    "views/test_agencies.py": {
        "test_agencies_cost_as_many_queries_for_one_activity_as_for_fifteen": 1,
        "test_agency_leads_to_the_list_of_all_its_activities": 5,
        "test_agency_shows_fifty_activities_and_leads_to_the_rest": 0,
        "test_agency_shows_what_it_leads_supports_and_shares": 5,
    },
    "views/test_areas.py": {
        "test_area_costs_as_many_queries_for_one_activity_as_for_fifteen": 1,
        "test_area_shows_fifty_activities_and_leads_to_all": 0,
        "test_area_shows_its_activities_and_leads_to_their_list": 3,
        "test_unknown_area_is_not_found": 1,
    },
    "views/test_cards.py": {
        "test_card_that_is_not_there_leaves_the_first_open_and_the_message_on_top": 2,
        "test_no_change_beside_what_was_entered_is_refused_with_all_of_it": 4,
        "test_only_a_number_says_where_to_go_on": 2,
    },
    "views/test_exports.py": {
        "test_export_costs_a_signed_in_person_two_queries_more": 1,
        "test_export_costs_three_queries_whatever_is_asked_for": 1,
        "test_file_name_says_plan_filters_and_day": 4,
    },
    "views/test_import_questions.py": {
        "test_renumbered_export_is_one_choice_and_updates_follow": 0,
    },
    "views/test_imports.py": {
        "test_errors_in_thousands_of_rows_are_one_line": 0,
        "test_import_page_costs_as_many_queries_for_a_thousand_rows": 0,
    },
    "views/test_matrix.py": {
        "test_every_figure_leads_to_exactly_that_many": 0,
        "test_tables_cost_as_many_queries_for_one_activity_as_for_fifteen": 0,
    },
    "views/test_navigation.py": {
        "test_every_entry_leads_to_a_page": 0,
    },
    "views/test_numbers.py": {
        "test_admin_lists_and_opens_such_activities": 0,
        "test_every_page_of_an_activity_is_at_its_number": 0,
    },
    "views/test_overview.py": {
        "test_every_number_leads_to_a_list_of_exactly_that_many": 0,
        "test_overview_costs_as_many_queries_for_one_activity_as_for_fifteen": 1,
    },
    "views/test_page_weights.py": {},
    "views/test_plan_checks.py": {
        "test_check_does_not_fire": 6,
        "test_nothing_is_checked_of_what_has_ended_as_business_as_usual": 4,
        "test_page_takes_the_filters_of_the_list": 2,
    },
    "views/test_plan_list.py": {
        "test_list_costs_four_queries_for_any_number_of_plans": 0,
    },
    "views/test_updates.py": {
        "test_my_updates_costs_the_same_whatever_was_reported": 0,
        "test_pages_for_reporting_cost_the_same_for_any_plan": 1,
    },
    "views/test_workbooks.py": {
        "test_archive_costs_a_query_for_each_agency": 0,
        "test_archive_has_a_workbook_for_each_agency": 0,
    },
}

ALIKE = {
    *(("test_addresses.py", f"test_{name}") for name in ("every_page_is_sound", "head_answers_as_get_does")),
    ("test_addresses.py", "test_no_address_takes_another_verb"),
    ("test_words_kept.py", "test_every_form_of_the_admin_shows_and_keeps_the_words"),
    ("test_words_kept.py", "test_every_form_that_is_refused_shows_and_keeps_the_words"),
}
"""Tests of which `make quick` runs no case, and whose answer is Python's all the same: verbs, markup, words."""


def mark_exhaustive(items, place):
    """Mark the cases that `make quick` leaves out, given the path of each test's file below tests/.

    Those of tests of which it runs others run on one engine, too, and those in `ALIKE`.
    """
    cases = defaultdict(list)
    for item in items:
        tests = KEPT.get(place(item))
        if tests is not None and (not tests or item.originalname in tests):
            cases[place(item), item.originalname].append(item)
    for (file, test), found in cases.items():
        kept = KEPT[file].get(test, 0)
        for number, item in enumerate(found):
            is_kept = item.callspec.id in kept if isinstance(kept, tuple) else number in _spread(kept, len(found))
            if not is_kept:
                item.add_marker("exhaustive")
                if kept or (file, test) in ALIKE:
                    item.add_marker("sqlite_only")


def _spread(count, whole):
    return {place * whole // count for place in range(count)}


def names_without_a_test(folder):
    """Return what the table names and no file below `folder` has, as a list: what was renamed would count as quick."""
    named = {file: set(tests) for file, tests in KEPT.items()}
    for file, test in ALIKE:
        named[file].add(test)
    return [f"{file}::{test}" for file, tests in named.items() for test in tests - _functions_of(folder / file)]


def _functions_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
