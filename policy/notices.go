package policy

import (
	"gatehouse/identity"
	"gatehouse/policy/system"
)

// Codes of the notices that Person and Plan raise. They are stable.
const (
	// NoticeNoRecord: no HR record is known for the key.
	NoticeNoRecord = "no_record"
	// NoticeRecordMissing: the source no longer has the record. That is not a termination.
	NoticeRecordMissing = "record_missing"
	// NoticeRowsTied: the source says two things of equal rank about this person.
	NoticeRowsTied = "rows_tied"
	// NoticeBroughtBack: an account is opened again that was closed when another record of the same human ended.
	NoticeBroughtBack = "brought_back"
	// NoticeTerminationWithdrawn: an account is opened again because HR has withdrawn the termination that closed it.
	NoticeTerminationWithdrawn = "termination_withdrawn"
	// NoticeFieldMissing: the source did not send a field. What depends on it does not change.
	NoticeFieldMissing = "field_missing"
	// NoticeTextGarbled: texts of the record came in a broken encoding. Blocking where an account would be made of them.
	NoticeTextGarbled = "text_garbled"
	// NoticeColumnHidden: the source shows a field of nobody any more without which nobody's standing can be told.
	NoticeColumnHidden = "column_hidden"
	// NoticeBadDate: a date cannot be read.
	NoticeBadDate = "bad_date"
	// NoticeDatesDisagree: the end is before the first day, and the source does not say terminated. It does not count.
	NoticeDatesDisagree = "dates_disagree"
	// NoticeStatusContradictsEnd: the source says active, and that the person left days ago.
	NoticeStatusContradictsEnd = "status_contradicts_end"
	// NoticeFirstDayMoved: the first day of somebody who works here has moved into the future.
	NoticeFirstDayMoved = "first_day_moved"
	// NoticeContractEnds: a contract ends soon, and the source has no extension.
	NoticeContractEnds = "contract_ends"
	// NoticeStatusUnclear: the source says neither active nor terminated.
	NoticeStatusUnclear = "status_unclear"
	// NoticeUnknownZone: the location has no time zone in the policy; the company's stood in.
	NoticeUnknownZone = "unknown_zone"
	// NoticeNoManager: no manager is known.
	NoticeNoManager = "no_manager"
	// NoticeNoDepartment: no department is known.
	NoticeNoDepartment = "no_department"
	// NoticeDepartmentWithoutRule: only rules for everyone match.
	NoticeDepartmentWithoutRule = "department_without_rule"
	// NoticeDepartmentUnmapped: no rule is for the department of somebody who would lose access because of that. Blocking.
	NoticeDepartmentUnmapped = "department_unmapped"
	// NoticeConflict: the plan would give roles that access.conflicts keeps apart. Blocking.
	NoticeConflict = "conflict"
	// NoticeNameChanged: HR has another name, and the policy leaves the account's to a person. Blocking once nothing
	// else is left to do.
	NoticeNameChanged = "name_changed"
	// NoticeHiredLate: the hire was entered after the first day.
	NoticeHiredLate = "hired_late"
	// NoticeRuleFailed: the condition of a rule cannot be evaluated. Blocking.
	NoticeRuleFailed = "rule_failed"
	// NoticeGroupConflict: matching rules set different groups at equal priority. Blocking.
	NoticeGroupConflict = "group_conflict"
	// NoticeNoGroup: the account is in the group of restricted accounts, without an order and without a rule that
	// says where it belongs.
	NoticeNoGroup = "no_group"
	// NoticeNoUsername: neither a name nor an employee id gives a username. Blocking.
	NoticeNoUsername = "no_username"
	// NoticeUsernameFallback: the employee id stands in for a name in another script.
	NoticeUsernameFallback = "username_fallback"
	// NoticeForeignExternalID: the account carries an external id that is not the person's; it is left alone.
	NoticeForeignExternalID = "foreign_external_id"
	// NoticeValueNotKept: OneLogin keeps another value in the profile than the one that was written.
	NoticeValueNotKept = "value_not_kept"
	// NoticeAddressChanged: HR has another work address, and the policy has a person see to it. Blocking once nothing else is left.
	NoticeAddressChanged = "address_changed"
	// NoticeAddressDoubtful: HR has another work address that the account does not get. Blocking once nothing else is left.
	NoticeAddressDoubtful = system.NoticeAddressDoubtful
	// NoticeProtected: the account is protected. Blocking.
	NoticeProtected = "protected"
	// NoticeNothingToSuspend: a suspend order stands, and there is no account to suspend. Blocking.
	NoticeNothingToSuspend = "nothing_to_suspend"
	// NoticePreserved: an order preserves what the account holds.
	NoticePreserved = "preserved"
	// NoticeNotDeletedYet: something that ends by itself or by an order's release keeps an account that is due to be deleted.
	NoticeNotDeletedYet = "not_deleted_yet"
	// NoticeNotDeleted: something about an account that is due to be deleted speaks against it. Somebody has to look.
	NoticeNotDeleted = "not_deleted"
	// NoticeFrozen: an order forbids changes. Blocking.
	NoticeFrozen = "frozen"
	// NoticeSuspendedElsewhere: a suspension or lock that Gatehouse did not make is in the way. Blocking.
	NoticeSuspendedElsewhere = "suspended_elsewhere"
	// NoticeDeniedReturns: something gives a role again each time that a deny order takes it. Blocking once nothing else is left.
	NoticeDeniedReturns = "denied_role_returns"
	// NoticeUnknownOrder: an order of a kind this version does not know. Blocking.
	NoticeUnknownOrder = "unknown_order"
	// NoticeNoRestrictGroup: a restrict order names no group and the policy has none. Blocking.
	NoticeNoRestrictGroup = "no_restrict_group"
)

// note makes a notice that blocks nothing. The fallback owner owns it: no better one is known here.
func (p *Policy) note(code, text string) identity.Notice {
	return identity.Notice{Code: code, Text: text, Owner: p.leaver.FallbackOwner}
}

// block makes a notice that has to be resolved first.
func (p *Policy) block(code, text string) identity.Notice {
	n := p.note(code, text)
	n.Blocking = true
	return n
}
