package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/decider"
	"gatehouse/ledger/inventory"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// What an operator says about accounts.
const (
	wordLink     = "link"
	wordUnlink   = "unlink"
	wordSeparate = "separate"
	wordRefuse   = "refuse"
	wordDeclare  = "declare"
)

// byWord is how an account was recognised that a person has named.
const byWord = "a person's word"

// speaker carries what an operator says about accounts into the ledger.
type speaker struct {
	cmd  *cobra.Command
	app  *app.App
	verb string
	by   string
	now  time.Time
	// spared says whose runs are not told; nil tells all.
	spared func(key string) bool
	// author signs what is said, where the policy names who may decide; nil where that was judged before.
	author *sign.Signatory
}

// said is a row that was checked.
type said struct {
	row
	ref identity.Ref
	// known is the account as the ledger has it, with traces, if it could be read, that it carries now.
	known  inventory.Account
	person string
	use    identity.AccountUse
	kind   identity.AccountKind
	owner  string
	ends   time.Time
	// evidence digests what a refusal is about.
	evidence string
	// claim is under what name the row is done once, however often its file is given; empty for a row of its own.
	claim string
	// proof shows who says it.
	proof *api.Proof
}

// say checks all rows, and then does what they say. Batch names the file that they are from, empty for what was said by flags:
// given again after it was cut off, what was done before is not done twice, and only told once more.
func (s *speaker) say(rows []row, dry bool, batch string) error {
	ctx := s.cmd.Context()
	all := make([]decided, 0, len(rows))
	seen := map[identity.Ref]bool{}
	var wrong []string
	tell := cli.Counted(s.cmd, "rows checked", len(rows))
	for i, r := range rows {
		tell(i)
		d := decided{speaker: s}
		err := d.check(ctx, decisionRow{row: r, verb: s.verb}, batch)
		if err == nil && seen[d.ref] {
			err = fmt.Errorf("%s stands in two rows", d.ref)
		}
		if err != nil {
			wrong = append(wrong, placed(r, err))
			continue
		}
		seen[d.ref] = true
		all = append(all, d)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("nothing was changed:\n  %s", strings.Join(wrong, "\n  "))
	}
	var failed []string
	for _, d := range all {
		if !dry {
			if err := d.carry(ctx); err != nil {
				failed = append(failed, placed(d.row, err))
				continue
			}
		}
		s.cmd.Println(d.line())
	}
	switch {
	case len(failed) > 0:
		return fmt.Errorf("%d of %d were not done:\n  %s", len(failed), len(all), strings.Join(failed, "\n  "))
	case dry:
		s.cmd.Println("Nothing was changed.")
	}
	return nil
}

// placed says where a row stands that is wrong.
func placed(r row, err error) string {
	if r.line == 0 {
		return err.Error()
	}
	return fmt.Sprintf("line %d: %v", r.line, err)
}

// sentence says what a row does.
func (s *speaker) sentence(e said) string {
	switch s.verb {
	case wordLink:
		return fmt.Sprintf("%s is %s's, %s", e.ref, e.person, cmp.Or(string(e.use), "primary if they have none"))
	case wordSeparate:
		return fmt.Sprintf("%s is not %s's any more, and is not taken for theirs again", e.ref, e.person)
	case wordUnlink:
		return fmt.Sprintf("%s is no longer on record for %s; the next assessment searches afresh", e.ref, e.person)
	case wordRefuse:
		return fmt.Sprintf("%s is not %s's", e.ref, e.person)
	}
	var what []string
	for _, part := range []string{string(e.kind), string(e.use), e.purpose} {
		if part != "" {
			what = append(what, part)
		}
	}
	if e.owner != "" {
		what = append(what, "owner "+e.owner)
	}
	if !e.ends.IsZero() {
		what = append(what, "until "+e.ends.Format(time.DateOnly))
	}
	return fmt.Sprintf("%s: %s", e.ref, strings.Join(what, ", "))
}

// check finds out who and what is meant, and refuses what cannot be right.
func (s *speaker) check(ctx context.Context, r row) (said, error) {
	e := said{row: r}
	var err error
	if e.ref, err = parseAccount(r.account); err != nil {
		return e, err
	}
	if strings.TrimSpace(r.reason) == "" {
		return e, errors.New("a reason is missing: it is kept as evidence")
	}
	if err := s.lookUp(ctx, &e); err != nil {
		return e, err
	}
	if e.use = identity.AccountUse(r.use); r.use != "" && !slices.Contains(Uses(s.verb), r.use) {
		return e, fmt.Errorf("use %q is none: write %s", r.use, strings.Join(Uses(s.verb), ", "))
	}
	if s.verb == wordDeclare {
		return e, s.checkDeclaration(ctx, &e)
	}
	if r.person == "" && s.verb != wordSeparate {
		return e, errors.New("the person is missing: key, e-mail address or name")
	}
	if e.person = e.known.Person; r.person != "" {
		if e.person, err = cmdline.FindOwner(ctx, s.app, r.person); err != nil {
			return e, err
		}
	}
	return e, s.checkLink(&e)
}

// parseAccount reads how an operator names an account.
func parseAccount(text string) (identity.Ref, error) {
	if text == "" {
		return identity.Ref{}, errors.New("the account is missing: a OneLogin user id, or <system>/<id>")
	}
	if !strings.Contains(text, "/") {
		text = identity.SystemOneLogin + "/" + text
	}
	ref, err := identity.ParseRef(text)
	if err != nil {
		return identity.Ref{}, err
	}
	if _, ok := ref.OneLogin(); ref.System == identity.SystemOneLogin && !ok {
		return identity.Ref{}, errors.New("the account is not a OneLogin user id: write a number such as 100042")
	}
	return ref, nil
}

// lookUp reads what is known of the account, and refuses one that does not exist.
func (s *speaker) lookUp(ctx context.Context, e *said) error {
	known, found, err := s.app.Ledger.Inventory().Account(ctx, e.ref)
	if err != nil {
		return err
	}
	e.known = known
	carries := known.Document
	id, isOneLogin := e.ref.OneLogin()
	if isOneLogin && (!found || known.ObservedAt.IsZero() || s.verb == wordRefuse || s.verb == wordSeparate) {
		read, exists, asked, err := s.app.ReadAccount(ctx, id)
		switch {
		case err != nil && (!found || known.ObservedAt.IsZero()):
			return err
		case asked && !exists:
			return fmt.Errorf("OneLogin has no user %d", id)
		case asked:
			carries, found = read, true
		}
	}
	if !found {
		return fmt.Errorf("%s is not in the inventory, and this machine holds no credential to ask for it: wait for the next sweep, or do this "+
			"where the worker runs", e.ref)
	}
	e.evidence = people.AccountEvidence(s.app.Ledger, carries)
	return nil
}

// checkLink refuses a word about whose an account is that what is on record speaks against.
func (s *speaker) checkLink(e *said) error {
	if _, _, err := identity.SplitKey(e.person); err != nil && e.person != "" {
		return err
	}
	theirs := e.known.Belongs() && e.known.Person == e.person
	switch {
	case s.verb == wordLink && strings.HasPrefix(e.person, identity.SystemOneLogin+"-"):
		return errors.New("the person is only another name for an account: name somebody whom HR has, or declare what the account is for")
	case s.verb == wordLink && e.known.Belongs() && !theirs && !strings.HasPrefix(e.known.Person, identity.SystemOneLogin+"-"):
		return fmt.Errorf("%s is on record for %s: end that first with starter account separate, or unlink", e.ref, e.known.Person)
	case (s.verb == wordSeparate || s.verb == wordUnlink) && !theirs:
		return fmt.Errorf("%s is not on record for %s%s", e.ref, cmp.Or(e.person, "anybody"), elsewhere(e.known))
	case s.verb == wordRefuse && theirs:
		return fmt.Errorf("%s is on record for %s: end that with starter account separate", e.ref, e.person)
	case s.verb == wordLink:
		return cmdline.RefuseUnknownPerson(s.cmd, s.app, e.person)
	}
	return nil
}

// elsewhere says for whom an account is on record.
func elsewhere(a inventory.Account) string {
	if !a.Belongs() {
		return ""
	}
	return ", but for " + a.Person
}

// checkDeclaration refuses what cannot be said of an account.
func (s *speaker) checkDeclaration(ctx context.Context, e *said) error {
	kinds := []identity.AccountKind{identity.KindPerson, identity.KindService, identity.KindShared, identity.KindBreakGlass}
	e.kind = identity.AccountKind(e.row.kind)
	if e.row.kind != "" && !slices.Contains(kinds, e.kind) {
		return fmt.Errorf("kind %q is none: write person, service, shared or break_glass", e.row.kind)
	}
	if e.kind != "" && e.kind != identity.KindPerson && e.known.Belongs() && e.known.Use == identity.UsePrimary {
		return fmt.Errorf("%s is the account by which %s works, and is theirs while that is on record: end it first with starter account separate, "+
			"then declare what the account is for", e.ref, e.known.Person)
	}
	if e.kind == "" && e.use == "" && e.row.owner == "" && e.purpose == "" && e.row.ends == "" {
		return errors.New("nothing is declared: give a kind, use, owner, purpose or end")
	}
	var err error
	if e.row.owner != "" {
		if e.owner, err = cmdline.FindOwner(ctx, s.app, e.row.owner); err != nil {
			return fmt.Errorf("the owner: %w", err)
		}
		d, _, err := s.app.Ledger.Dossier(ctx, e.owner)
		if err != nil {
			return err
		}
		if len(d.Links) == 0 || d.Person.Episode > 0 && !d.Person.Employed {
			return fmt.Errorf("%s cannot answer for an account: nobody whom HR has, or not employed any more", e.owner)
		}
	}
	kind := cmp.Or(e.kind, e.known.Kind)
	nobodys := kind == identity.KindService || kind == identity.KindShared || kind == identity.KindBreakGlass
	switch {
	case nobodys && e.owner == "" && e.known.Owner == "":
		return fmt.Errorf("a %s account needs an owner: who answers for it?", kind)
	case e.use != "" && !e.known.Belongs():
		return fmt.Errorf("%s is nobody's: link it to its person with that use", e.ref)
	case e.use != "" && e.known.Use == identity.UsePrimary:
		return fmt.Errorf("%s is the primary account of %s: link another one as primary first", e.ref, e.known.Person)
	}
	if e.row.ends != "" {
		if e.ends, err = time.Parse(time.DateOnly, e.row.ends); err != nil {
			return errors.New("the end is not a day: write one such as 2027-03-31")
		}
		if e.ends = e.ends.AddDate(0, 0, 1); !e.ends.After(s.now) {
			return errors.New("the end is over already")
		}
		e.ends = e.ends.Add(-time.Second)
	}
	return nil
}

// prove signs a row.
func (s *speaker) prove(e said) (*api.Proof, error) {
	if s.author == nil {
		return nil, nil
	}
	return s.author.Prove(decider.AccountWord(s.verb, s.by, e.reason,
		e.ref.String(), e.person, string(e.use), string(e.kind), e.owner, e.purpose, e.row.ends, e.evidence))
}
