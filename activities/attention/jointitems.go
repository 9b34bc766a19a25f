package attention

import (
	"crypto/sha256"
	"encoding/hex"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// joint is the item of a question that many are asked for one reason, each about somebody else: accounts whose traces agree and
// disagree with their owners alike, and records with which one thing is wrong. Whoever mends the reason, or answers for one, does
// the same for the next; and who waits is on the list of the item. Told says that each is told for itself all the same: an account
// by which somebody who has left may sign in waits for no summary.
func joint(in api.Parked, l listing) (_ listing, told, ok bool) {
	l.System, l.Class, l.Object, l.Evidence, l.Joint, l.says = identity.SystemOneLogin, in.Code, "", "", true, in.Code
	switch in.Code {
	case api.NoticeLeaverDoubt, api.NoticeLeaverNamesake:
		if in.About == "" {
			return l, false, false // Of a run that began before questions said why they are asked.
		}
		l.Object = digestOfText(in.About)
		return l, true, true
	case api.NoticeNewOwner:
		// Why somebody looks after it changes nothing of what is to be done.
		return l, true, true
	case api.NoticeAccountDoubt:
		return l, false, true
	case policy.NoticeStatusUnclear, policy.NoticeFieldMissing, policy.NoticeBadDate, policy.NoticeTextGarbled, policy.NoticeRecordMissing:
		source, _, err := identity.SplitKey(in.Key)
		if err != nil || source == identity.SourceAccount {
			return l, false, false
		}
		l.System, l.Object, l.says = source, digestOfText(in.Text), saysRecords
		return l, false, true
	}
	return l, false, false
}

// digestOfText is a text in a fingerprint.
func digestOfText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
