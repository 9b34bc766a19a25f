package api

// Codes of notices about an account in a system beside OneLogin, as the policy has them.
const (
	// NoticeSystemDisputed: it carries another person's traces. NoticeSystemProtected: nothing may be done about it.
	NoticeSystemDisputed  = "system_disputed"
	NoticeSystemProtected = "system_protected"
	// NoticeSystemStillOpen: it is a leaver's, and OneLogin, which provisions it, has not closed it.
	NoticeSystemStillOpen = "system_still_open"
	// NoticeAddressDoubtful: it does not get HR's address.
	NoticeAddressDoubtful = "address_doubtful"
)

// StaysOpen reports that a notice is about an account that Gatehouse does not close: a leaver can sign in with it.
func StaysOpen(code string) bool {
	return code == NoticeSystemDisputed || code == NoticeSystemProtected || code == NoticeSystemStillOpen
}

// ToldOfSystems reports that IT is told of a notice about one account. What many have at once, such as a value that is not kept or a
// budget without room, is shown and told elsewhere.
func ToldOfSystems(code string, leaving bool) bool {
	switch code {
	case "system_no_heir", "system_mail_closed":
		return leaving
	case "system_suspended_elsewhere", "system_stays_aside", "system_not_undone", "system_licences_gone", "system_would_delete", "system_no_username", NoticeSystemDisputed, NoticeAddressDoubtful:
		return true
	}
	return false
}
