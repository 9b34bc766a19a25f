package activities

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// joint is the item of a question that many are asked for one reason, each about somebody else: accounts whose traces agree and
// disagree with their owners alike, and records with which one thing is wrong. Whoever mends the reason, or answers for one, does
// the same for the next; and who waits is on the list of the item. Told says that each is told for itself all the same: an account
// by which somebody who has left may sign in waits for no summary.
func joint(in api.Parked, item ledger.Item) (_ ledger.Item, told, ok bool) {
	item.System, item.Class, item.Object, item.Evidence, item.Joint = identity.SystemOneLogin, in.Code, "", "", true
	switch in.Code {
	case api.NoticeLeaverDoubt, api.NoticeLeaverNamesake, api.NoticeNewOwner:
		if in.About == "" {
			return item, false, false // Of a run that began before questions said why they are asked.
		}
		item.Object, told = digestOfText(in.About), true
		item.Text = aboutLeavers(in.Code, in.About)
	case api.NoticeAccountDoubt:
		item.Text = "Accounts may be those of people who work here, and nobody has said so. Nobody gets a second account meanwhile. Say of each " +
			"whether it is theirs: `starter account link` or `refuse`, of many from a CSV."
	case policy.NoticeStatusUnclear, policy.NoticeFieldMissing, policy.NoticeBadDate, policy.NoticeTextGarbled, policy.NoticeRecordMissing:
		source, _, err := SplitKey(in.Key)
		if err != nil || source == sourceAccount {
			return item, false, false
		}
		item.System, item.Object = source, digestOfText(in.Text)
		item.Text = "Records of " + source + " cannot be used: " + in.Text
	default:
		return item, false, false
	}
	item.Next = causeNext(item)
	return item, told, true
}

// digestOfText is a text in a fingerprint.
func digestOfText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// aboutLeavers says what is to be decided about accounts for the same reasons.
func aboutLeavers(code, why string) string {
	switch code {
	case api.NoticeNewOwner:
		return fmt.Sprintf("Service, shared or break-glass accounts are looked after by somebody who has left (%s). They are not suspended. Name "+
			"a new owner of each and rotate its secret.", why)
	case api.NoticeLeaverNamesake:
		return fmt.Sprintf("Accounts carry the name of somebody who has left, and nothing says whose they are (%s). They are left as they are. "+
			"Say of each whether it is theirs.", why)
	}
	return fmt.Sprintf("Accounts may be those of people who have left: %s. Say of each whether it is theirs.", why)
}
