package attention

import (
	"crypto/sha256"
	"encoding/hex"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// joint is the item of a question that many are asked for one reason, each about somebody else: accounts whose traces agree and
// disagree with their owners alike, and records with which one thing is wrong. Whoever mends the reason, or answers for one, does
// the same for the next; and who waits is on the list of the item. Told says that each is told for itself all the same: an account
// by which somebody who has left may sign in waits for no summary.
func joint(in api.Parked, item worklist.Item) (_ worklist.Item, told, ok bool) {
	item.System, item.Class, item.Object, item.Evidence, item.Joint = identity.SystemOneLogin, in.Code, "", "", true
	switch in.Code {
	case api.NoticeLeaverDoubt, api.NoticeLeaverNamesake:
		if in.About == "" {
			return item, false, false // Of a run that began before questions said why they are asked.
		}
		item.Object, told = digestOfText(in.About), true
		item.Text = "Accounts may be those of people who have left: " + in.About + ". Say of each whether it is theirs."
		if in.Code == api.NoticeLeaverNamesake {
			item.Text = "Accounts carry the name of somebody who has left, and nothing says whose they are (" + in.About + "). They are left as " +
				"they are. Say of each whether it is theirs."
		}
	case api.NoticeNewOwner:
		// Why somebody looks after it changes nothing of what is to be done.
		told = true
		item.Text = "Service, shared or break-glass accounts are looked after by people who have left. They are not suspended. Name a new owner of " +
			"each and rotate its secret."
	case api.NoticeAccountDoubt:
		item.Text = "Accounts may be those of people who work here, and nobody has said so. Nobody gets a second account meanwhile. Say of each " +
			"whether it is theirs: `starter account link` or `refuse`, of many from a CSV."
	case policy.NoticeStatusUnclear, policy.NoticeFieldMissing, policy.NoticeBadDate, policy.NoticeTextGarbled, policy.NoticeRecordMissing:
		source, _, err := identity.SplitKey(in.Key)
		if err != nil || source == identity.SourceAccount {
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
