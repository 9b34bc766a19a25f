package system

// Codes of the notices about systems beside OneLogin. They are stable, and their texts never quote a value.
const (
	// NoticeDrift: somebody has changed an attribute that Gatehouse wrote, and the policy leaves it to them.
	NoticeDrift = "system_drift"
	// NoticeValueNotKept: the system keeps another value than the one that was written.
	NoticeValueNotKept = "system_value_not_kept"
	// NoticeAddressDoubtful: HR has an address that no account gets: somebody else has it, it is private, or none.
	NoticeAddressDoubtful = "address_doubtful"
	// NoticeOtherDomain: HR has an address that an account does not get, as its domain is neither the company's nor the account's.
	NoticeOtherDomain = "system_other_domain"
	// NoticeConflict: an attribute was changed in the system and by its owner. The owner's value is written.
	NoticeConflict = "system_conflict"
	// NoticeUndecided: rules disagree about a container or a profile, or an attribute cannot be worked out.
	NoticeUndecided = "system_undecided"
	// NoticeDisputed: the account carries another person's traces, and nothing is done about it.
	NoticeDisputed = "system_disputed"
	// NoticeProtected: the account is protected, and nothing is done about it.
	NoticeProtected = "system_protected"
	// NoticeNoHeir: nobody is known to whom something of a leaver could be handed over.
	NoticeNoHeir = "system_no_heir"
	// NoticeMailClosed: a leaver's account was suspended before its mail was answered and handed over.
	NoticeMailClosed = "system_mail_closed"
	// NoticeSuspendedElsewhere: somebody else has suspended the account of an employed person.
	NoticeSuspendedElsewhere = "system_suspended_elsewhere"
	// NoticeStaysAside: an account is opened again in the place of leavers, and no rule says where it belongs.
	NoticeStaysAside = "system_stays_aside"
	// NoticeOtherProfile: an account is another kind of user than the one that rules give to new accounts.
	NoticeOtherProfile = "system_other_profile"
	// NoticeNotUndone: access is back, and something that the departure did cannot be undone.
	NoticeNotUndone = "system_not_undone"
	// NoticeLicencesGone: access is back, and licences that the departure released are not.
	NoticeLicencesGone = "system_licences_gone"
	// NoticeStillOpen: a leaver can still sign in where OneLogin provisions.
	NoticeStillOpen = "system_still_open"
	// NoticeWouldDelete: a change of roles has OneLogin delete the account of an employed person.
	NoticeWouldDelete = "system_would_delete"
	// NoticeNoUsername: no username can be made for an account that is due.
	NoticeNoUsername = "system_no_username"
)
