package system

import (
	"regexp"
	"slices"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// The fields of an auto-reply. FieldManagerEmail is left for whoever writes it: a plan does not know the address.
const (
	FieldFirst        = "{first}"
	FieldLast         = "{last}"
	FieldManagerEmail = "{manager_email}"
)

var braced = regexp.MustCompile(`\{[^}]*\}?|\}`)

var leaverKeys = []string{
	"sign_in", "suspend_after", "auto_reply", "delegate_to", "transfer_to", "release_licences_after", "move_to", "keep_groups",
}

func (s *Set) readLeaver(sub yamlfile.Section, sys System) Leaver {
	l := sub.Section("leaver", leaverKeys...)
	out := Leaver{SignIn: SignInSuspend, SuspendAfter: 30 * yamlfile.Day}
	l.Choice("sign_in", &out.SignIn, SignInLock, SignInSuspend)
	l.Duration("suspend_after", yamlfile.OrNever, &out.SuspendAfter)
	out.Subject, out.Text = readReply(l)
	out.DelegateTo, out.TransferTo = recipient(l, "delegate_to"), recipient(l, "transfer_to")
	l.Duration("release_licences_after", yamlfile.OrNever, &out.ReleaseLicencesAfter)
	if w, ok := l.Text("move_to"); ok {
		out.MoveTo = w.Text
		s.mention(sys.Name, identity.ObjectContainer, w)
	}
	out.KeepGroups = s.mention(sys.Name, identity.ObjectGroup, l.Words("keep_groups")...)
	if _, is := known[sys.Name]; is && sys.ProvisionedBy == ByGatehouse {
		checkLeaver(l, sys.traits, out)
	}
	return out
}

// checkLeaver refuses what would do nothing in a system of this kind.
func checkLeaver(l yamlfile.Section, t traits, out Leaver) {
	refuse := func(why string, keys ...string) {
		for _, key := range keys {
			if l.Has(key) {
				l.Fail(l.Value(key), "%s.%s would do nothing: %s. Remove it", l.Path, key, why)
			}
		}
	}
	if t.lock {
		l.Lacks("sign_in", "lock keeps mail answered and handed over for a while, suspend ends everything at once: mail is rejected then, and nothing can be delegated")
	} else {
		refuse("this system always suspends, and has no mailbox", "sign_in", "suspend_after", "auto_reply", "delegate_to", "transfer_to")
	}
	if t.lock && out.SignIn == SignInSuspend && l.Has("sign_in") {
		refuse("a suspended account rejects mail and delegates nothing; it goes with sign_in: lock", "suspend_after", "auto_reply", "delegate_to")
	}
	if !t.licences {
		refuse("this system has no licences to release", "release_licences_after")
	}
	if t.container == "" {
		refuse("this system has no tree", "move_to")
	}
	if !t.groups {
		refuse("this system has no groups", "keep_groups")
	}
	if after := out.ReleaseLicencesAfter; t.lock && out.SignIn == SignInLock && after > 0 && (out.SuspendAfter == 0 || after < out.SuspendAfter) {
		l.Fail(l.Value("release_licences_after"), "%s.release_licences_after is before the account is suspended, and takes the mailbox that answers until then: "+
			"release licences after suspend_after", l.Path)
	}
}

func readReply(l yamlfile.Section) (subject, text string) {
	s := l.Section("auto_reply", "subject", "text")
	read := func(key string) string {
		if l.Has("auto_reply") {
			s.Lacks(key, "an auto-reply needs a subject and a text")
		}
		w, _ := s.Text(key)
		for _, field := range braced.FindAllString(w.Text, -1) {
			if !slices.Contains([]string{FieldFirst, FieldLast, FieldManagerEmail}, field) {
				s.Fail(w.Node, "%s.%s: unknown field %s; known fields: %s, %s, %s", s.Path, key, field, FieldFirst, FieldLast, FieldManagerEmail)
			}
		}
		return w.Text
	}
	return read("subject"), read("text")
}

// recipient reads who gets something of a leaver.
func recipient(l yamlfile.Section, key string) string {
	w, ok := l.Text(key)
	if !ok {
		return ""
	}
	if w.Text != Manager && !yamlfile.IsMailbox(w.Text) {
		l.Fail(w.Node, "%s.%s: %q is neither manager nor an e-mail address", l.Path, key, w.Text)
		return ""
	}
	return w.Text
}
