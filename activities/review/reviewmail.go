package review

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/letters"
	"gatehouse/activities/step"
	"gatehouse/ledger/reviews"
)

const (
	// mailPage is how many managers are written to between two commits.
	mailPage = 20
	// mailTable is how many people one e-mail lists; the rest of a larger team is in the spreadsheet.
	mailTable = 200
	// maxTold is how many characters of somebody's roles, or findings, an e-mail lists.
	maxTold = 2000
	// mailApps is how many apps an e-mail lists of one account.
	mailApps = 20
	// mailAtOnce is how many e-mails are under way at a time.
	mailAtOnce = 4
	stepMail   = "mail"
)

// mailPlace is where the e-mails go on.
type mailPlace struct {
	After int64 `json:"after"`
	Sent  int64 `json:"sent"`
	// Refused counts those of them that nobody could be sent.
	Refused int64 `json:"refused,omitempty"`
}

// Mail tells compliance that the review is ready, with the link and the headline numbers.
func (r *Review) Mail(ctx context.Context, in api.ReviewInput) (api.ReviewTold, error) {
	err := r.mail(ctx, in.Campaign)
	if letters.Refuses(err) {
		return api.ReviewTold{Refused: true}, nil
	}
	return api.ReviewTold{}, err
}

// mail fails with what letters.Refuses if Google does not write to compliance.
func (r *Review) mail(ctx context.Context, key string) error {
	w, err := r.writer(ctx, key)
	if err != nil {
		return err
	}
	step.Beat(ctx)
	tab := w.tabs[0]
	at, _, err := r.Ledger.Review().Step(ctx, key, writeStep(tab))
	if err != nil {
		return err
	}
	var written writePlace
	if err := step.ReadPlace(at, &written); err != nil {
		return err
	}
	letter, err := w.complianceLetter()
	if err != nil {
		return err
	}
	letter.Link = r.Sheets.URL(written.Book, tab.SheetID)
	_, err = r.Letters.Deliver(ctx, letter)
	return err
}

// complianceLetter says that the review is ready, without the link to it.
func (w *writer) complianceLetter() (letters.Letter, error) {
	c := w.campaign.Counts
	v := w.view()
	v.Accounts, v.Roles, v.FactorUnknown = c.Users, c.Memberships, c.ByMFA[mfaUnknown]
	v.Systems = systemLines(c)
	for _, k := range kindsOf(c) {
		v.Findings = append(v.Findings, api.Line{Label: k.title, Value: strconv.FormatInt(c.ByKind[k.kind], 10)})
	}
	out, err := letter("compliance", v)
	if err != nil {
		return out, err
	}
	if out.Table, err = table("compliance_table", v); err != nil {
		return out, err
	}
	out.OnceKey, out.To = "access-review/"+w.campaign.Key+"/compliance", v.Compliance
	out.LinkText, err = words.First("compliance_link", v)
	return out, err
}

// view is what the words of each e-mail of the review may say.
func (w *writer) view() view {
	return view{Campaign: w.campaign.Key, AsOf: instantText(w.campaign.FrozenAt), Compliance: w.Policy().Review().Compliance}
}

// MailManagers writes to each manager about their own people, once, to each owner about accounts that are no person's own, and to the
// fallback owner about people who have no
// manager to ask: none at all, one who has left or whose account is closed, or themselves. Then the campaign is finished.
func (r *Review) MailManagers(ctx context.Context, in api.ReviewInput) (api.ReviewMailed, error) {
	mailed, err := r.mailManagers(ctx, in.Campaign)
	return mailed, err
}

func (r *Review) mailManagers(ctx context.Context, key string) (api.ReviewMailed, error) {
	w, err := r.writer(ctx, key)
	if err != nil {
		return api.ReviewMailed{}, err
	}
	var place mailPlace
	for {
		at, done, err := r.Ledger.Review().Step(ctx, key, stepMail)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		place = mailPlace{}
		if err := step.ReadPlace(at, &place); err != nil {
			return api.ReviewMailed{}, err
		}
		if done {
			break
		}
		step.Beat(ctx, place.Sent)
		sent, refused, last, err := w.mailNext(ctx, place.After)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		place.After, place.Sent, place.Refused = last, place.Sent+sent, place.Refused+refused
		move, err := moveTo(stepMail, at, place, sent == 0)
		if err != nil {
			return api.ReviewMailed{}, err
		}
		if err := r.Ledger.Review().Move(ctx, key, move); err != nil {
			return api.ReviewMailed{}, err
		}
	}
	refused, err := w.ownerLetters(ctx)
	if err != nil {
		return api.ReviewMailed{}, err
	}
	place.Refused += refused
	if refused, err = w.agentLetters(ctx); err != nil {
		return api.ReviewMailed{}, err
	}
	place.Refused += refused
	unmanaged, err := w.fallback(ctx)
	if err != nil && !letters.Refuses(err) {
		return api.ReviewMailed{}, err
	}
	if err != nil {
		place.Refused++
	}
	return api.ReviewMailed{Managers: place.Sent, Unmanaged: int64(unmanaged), Refused: place.Refused}, r.Ledger.Review().Finish(ctx, key)
}

// mailNext writes to the next managers after an id, and returns how many that were, how many of the e-mails nobody could be
// sent, and who was the last. One that is refused stops no other.
func (w *writer) mailNext(ctx context.Context, after int64) (sent, refused, last int64, err error) {
	managers, err := w.Ledger.Review().Managers(ctx, w.campaign.Key, hrLeft, after, mailPage)
	if err != nil || len(managers) == 0 {
		return 0, 0, after, err
	}
	who, err := w.Ledger.Review().Identities(ctx, w.campaign.Key, managers)
	if err != nil {
		return 0, 0, after, err
	}
	var lost atomic.Int64
	var group errgroup.Group
	group.SetLimit(mailAtOnce)
	for _, id := range managers {
		group.Go(func() error {
			step.Beat(ctx, id)
			err := w.teamLetter(ctx, id, who[id])
			if err == nil || !letters.Refuses(err) {
				return err
			}
			lost.Add(1)
			return nil
		})
	}
	err = group.Wait()
	return int64(len(managers)), lost.Load(), managers[len(managers)-1], err
}

// teamLetter writes to a manager about their own people. Where no e-mail can go to the manager, somebody has to pass it
// on: the review is frozen, so that correcting the address would not help it any more.
func (w *writer) teamLetter(ctx context.Context, id int64, manager reviews.Identity) error {
	people, total, err := w.Ledger.Review().Reports(ctx, w.campaign.Key, id, mailTable)
	if err != nil {
		return err
	}
	var others group
	if others.accounts, others.total, err = w.Ledger.Review().SystemReports(ctx, w.campaign.Key, id, mailTable); err != nil {
		return err
	}
	team, err := w.team(ctx, people)
	if err != nil {
		return err
	}
	v := w.view()
	if v.People = total; total > mailTable {
		v.Listed = mailTable
	}
	if team, err = w.addOthers(ctx, team, others, &v); err != nil {
		return err
	}
	mail, err := letter("manager", v)
	if err != nil {
		return err
	}
	mail.OnceKey, mail.To, mail.Table = fmt.Sprintf("access-review/%s/manager/%d", w.campaign.Key, id), manager.Email, team
	if letters.Deliverable(mail.To) {
		if _, err = w.Letters.Deliver(ctx, mail); err == nil || !letters.Refuses(err) {
			return err
		}
		mail.OnceKey += "/passed-on"
		v.Refused = true
	}
	v.PassOn, v.Manager = true, cmp.Or(manager.Name, manager.Username, fmt.Sprintf("OneLogin user %d", id))
	passed, err := letter("manager", v)
	if err != nil {
		return err
	}
	mail.To, mail.Paragraphs = w.Policy().Leaver().FallbackOwner, passed.Paragraphs
	_, err = w.Letters.Deliver(ctx, mail)
	return err
}

// team lists people with their roles and what was found about them.
func (w *writer) team(ctx context.Context, people []reviews.Access) ([][]string, error) {
	ids := make([]int64, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	findings, err := w.Ledger.Review().FindingsOf(ctx, w.campaign.Key, ids)
	if err != nil {
		return nil, err
	}
	table := [][]string{teamHeads}
	for _, p := range people {
		var roles, found []string
		for _, m := range p.Members {
			roles = append(roles, nameOf(w.catalog, reviews.NameRole, m.RoleID))
		}
		for _, f := range findings[p.ID] {
			found = append(found, strings.TrimSuffix(findingTitle(f.Kind)+": "+f.Item, ": "))
		}
		table = append(table, []string{
			p.Name, cmp.Or(p.Username, p.Email), step.Listed(roles, ", ", maxTold), w.appsOfAll(p.Members), signIn(p.LastLogin), step.Listed(found, "; ", maxTold),
		})
	}
	return table, nil
}

// appsOfAll lists what somebody reaches by their roles, the first of them by name.
func (w *writer) appsOfAll(members []reviews.Member) string {
	var names []string
	for _, m := range members {
		for _, app := range w.catalog.RoleApps[m.RoleID] {
			names = append(names, nameOf(w.catalog, reviews.NameApp, app))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if more := len(names) - mailApps; more > 0 {
		names = append(names[:mailApps], fmt.Sprintf("and %d more in the spreadsheet", more))
	}
	return strings.Join(names, ", ")
}

// fallback tells the fallback owner about the people whom no manager's e-mail covers, and returns how many they are.
func (w *writer) fallback(ctx context.Context) (int, error) {
	people, total, err := w.Ledger.Review().Unmanaged(ctx, w.campaign.Key, hrLeft, mailTable)
	if err != nil {
		return 0, err
	}
	var others group
	if others.accounts, others.total, err = w.Ledger.Review().SystemUnmanaged(ctx, w.campaign.Key, hrLeft, mailTable); err != nil || total+others.total == 0 {
		return 0, err
	}
	team, err := w.team(ctx, people)
	if err != nil {
		return 0, err
	}
	v := w.view()
	if v.People = total; total > mailTable {
		v.Listed = mailTable
	}
	if team, err = w.addOthers(ctx, team, others, &v); err != nil {
		return 0, err
	}
	v.People += others.total
	mail, err := letter("fallback", v)
	if err != nil {
		return 0, err
	}
	mail.OnceKey, mail.To, mail.Table = "access-review/"+w.campaign.Key+"/fallback", w.Policy().Leaver().FallbackOwner, team
	_, err = w.Letters.Deliver(ctx, mail)
	return total + others.total, err
}
