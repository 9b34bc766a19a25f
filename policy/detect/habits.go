package detect

import (
	"net/netip"
	"slices"
	"time"

	"gatehouse/internal/yamlfile"
)

// What a rule compares with an account's habit.
const (
	ByCountry = "country"
	ByNetwork = "network"
)

// Unusual makes a rule one about sign-ins from where an account does not usually sign in.
type Unusual struct {
	// By is ByCountry or ByNetwork.
	By string
}

// Habits says for whom habits are kept, and how.
type Habits struct {
	// Locations are those of HR records for whose people habits may be kept. None switches it off.
	Locations []string
	// Learn is how long an account is only watched after its first sign-in, Keep how long a place is usual after the last one
	// from it. Default 14 and 90 days.
	Learn, Keep time.Duration
	// Settle is from when on a place is usual after the first sign-in from it: what becomes visible later than that is not found,
	// so that the order in which events arrive decides nothing. It is events.reread.
	Settle time.Duration
}

// maxKeep is the longest that a habit may be kept.
const maxKeep = 90 * yamlfile.Day

// signIns are the event types that say that somebody has signed in. Only these can teach where somebody usually does.
var signIns = []string{"USER_LOGGED_INTO_ONELOGIN", "USER_LOGGED_INTO_APP"}

// Seen is when an account was first and last seen in a place, without a gap of Habits.Keep between.
type Seen struct{ First, Last time.Time }

// Spot is a country or a network.
type Spot struct{ By, Name string }

// Habit is where sign-ins of one account come from.
type Habit map[Spot]Seen

// Sighting is a sign-in of an account that succeeded.
type Sighting struct {
	Account int64
	At      time.Time
	Spots   []Spot
}

// On reports that habits are kept at all.
func (s Habits) On() bool { return len(s.Locations) > 0 }

// live reports that a place was seen recently enough to count at a time.
func (s Habits) live(seen Seen, at time.Time) bool { return !seen.Last.Before(at.Add(-s.Keep)) }

// Unusual reports that an account which is known for long enough was not seen in a place before a time. What is less than Settle older
// does not count yet.
func (s Habits) Unusual(h Habit, spot Spot, at time.Time) bool {
	if seen, found := h[spot]; found && s.live(seen, at) && !seen.First.After(at.Add(-s.Settle)) {
		return false
	}
	var start time.Time
	for other, seen := range h {
		if other.By == spot.By && s.live(seen, at) && (start.IsZero() || seen.First.Before(start)) {
			start = seen.First
		}
	}
	return !start.IsZero() && !at.Before(start.Add(s.Learn))
}

// Teach adds a sign-in to a habit. The order of sign-ins does not matter.
func (s Habits) Teach(h Habit, spot Spot, at time.Time) {
	seen, found := h[spot]
	switch {
	case !found || at.After(seen.Last.Add(s.Keep)):
		seen = Seen{First: at, Last: at}
	case at.Before(seen.First.Add(-s.Keep)):
		return // It belongs to a stretch that is forgotten.
	case at.Before(seen.First):
		seen.First = at
	case at.After(seen.Last):
		seen.Last = at
	}
	h[spot] = seen
}

// Accepted is what a habit says of a place after people have closed the incident about it: it counts from then on.
func (s Habits) Accepted(at time.Time) Seen { return Seen{First: at.Add(-s.Settle), Last: at} }

// readHabits reads events.habits.
func readHabits(s yamlfile.Section, reread time.Duration) Habits {
	h := Habits{Learn: 14 * yamlfile.Day, Keep: maxKeep, Settle: reread}
	sub := s.Section("habits", "locations", "learn", "keep")
	h.Locations = yamlfile.Texts(sub.Words("locations"))
	sub.Duration("learn", yamlfile.NonZero, &h.Learn)
	sub.Duration("keep", yamlfile.NonZero, &h.Keep)
	switch {
	case h.Keep > maxKeep:
		sub.Fail(sub.Value("keep"), "events.habits.keep: habits are kept for 90 days at most: write 90d or less")
	case h.Learn >= h.Keep:
		sub.Fail(sub.At, "events.habits.learn is not shorter than events.habits.keep, so that everything would be forgotten before it was learned: make it shorter")
	case h.Learn < 2*reread:
		sub.Fail(sub.At, "events.habits.learn is shorter than twice events.reread, so that late events would decide what was learned: make it longer")
	}
	return h
}

// readUnusual reads what a rule compares with habits.
func readUnusual(sub yamlfile.Section, rule *Rule) {
	if !sub.Has("unusual_location") {
		return
	}
	node := sub.Value("unusual_location")
	u := sub.Section("unusual_location", "by")
	rule.Unusual = &Unusual{By: ByCountry}
	u.Choice("by", &rule.Unusual.By, ByCountry, ByNetwork)
	for _, ref := range rule.refs {
		if !slices.Contains(signIns, ref.Text) {
			sub.Fail(ref.Node, "%s.types: %q does not say that somebody has signed in, and only that teaches where they usually do: use USER_LOGGED_INTO_ONELOGIN or USER_LOGGED_INTO_APP",
				sub.Path, ref.Text)
		}
	}
	switch {
	case rule.Travel != nil:
		sub.Fail(node, "%s: unusual_location and impossible_travel are two rules: write one for each", sub.Path)
	case rule.Count != 1:
		sub.Fail(node, "%s: unusual_location is about single sign-ins and takes no count: remove count", sub.Path)
	case rule.Subject != SubjectUser:
		sub.Fail(node, "%s: unusual_location is about the habit of an account: use subject: user", sub.Path)
	}
}

// compares reports that a rule asks for habits, and that some are kept.
func (d *Rules) compares(r Rule) bool { return r.Unusual != nil && d.settings.Habits.On() }

// off reports that a rule is at rest because habits are kept of nobody.
func (d *Rules) off(r Rule) bool { return r.Unusual != nil && !d.settings.Habits.On() }

// CompareHabits reports that a rule asks for habits, and that some are kept.
func (d *Rules) CompareHabits() bool { return slices.ContainsFunc(d.list, d.compares) }

// OnlyForHabits reports that no rule mentions an event type but those that compare habits: of what is usual, nothing else is kept.
func (d *Rules) OnlyForHabits(eventType string) bool {
	return !slices.ContainsFunc(d.list, func(r Rule) bool { return r.Unusual == nil && slices.Contains(r.Types, eventType) })
}

// Sighting returns what an event tells about somebody's habit. What an administrator does as somebody else is not their habit.
func (d *Rules) Sighting(e *Event) (Sighting, bool) {
	if e.UserID == 0 || e.AssumingID != 0 || e.ClientID != "" && slices.Contains(d.settings.ExcludeClients, e.ClientID) {
		return Sighting{}, false
	}
	s := Sighting{Account: e.UserID, At: e.At}
	for _, r := range d.list {
		if !d.compares(r) || !slices.Contains(r.Types, e.Type) {
			continue
		}
		if spot := d.spot(r.Unusual.By, e); spot.Name != "" && !slices.Contains(s.Spots, spot) {
			s.Spots = append(s.Spots, spot)
		}
	}
	return s, len(s.Spots) > 0
}

// spot is where an event happened; its name is empty if that is not known.
func (d *Rules) spot(by string, e *Event) Spot {
	switch {
	case by == ByNetwork:
		return Spot{By: by, Name: d.networkOf(e.IP)}
	case e.Place != nil:
		return Spot{By: by, Name: e.Place.Country}
	}
	return Spot{By: by}
}

// networkOf is the network of an address: the range of events.networks that it is in or, in a narrower one and in none, the /24 of an
// IPv4 address and the /48 of an IPv6 one. It is never a whole address.
func (d *Rules) networkOf(ip string) string {
	addr, err := parseAddr(ip)
	if err != nil {
		return ""
	}
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	if n, found := d.network(addr); found {
		bits = min(bits, n.prefix.Bits())
	}
	return netip.PrefixFrom(addr, bits).Masked().String()
}

// Weigh compares a sign-in with a habit, teaches it what it may learn from it, and returns where it is unusual. Matches are the rules
// that would report it. Where one of them wakes somebody or asks for a response, the place is not usual before people have closed the
// incident; anywhere else it is after Settle.
func (d *Rules) Weigh(h Habit, s Sighting, matches []Match, paging bool) (unusual []Spot) {
	for _, spot := range s.Spots {
		is := d.settings.Habits.Unusual(h, spot, s.At)
		if is {
			unusual = append(unusual, spot)
		}
		if !is || !slices.ContainsFunc(matches, func(m Match) bool { return m.Spot == spot && d.awaitsPeople(m.Rule, paging) }) {
			d.settings.Habits.Teach(h, spot, s.At)
		}
	}
	return unusual
}

// awaitsPeople reports that somebody decides about what a rule reports.
func (d *Rules) awaitsPeople(name string, paging bool) bool {
	i := slices.IndexFunc(d.list, func(r Rule) bool { return r.Name == name })
	return i >= 0 && (paging && d.list[i].Pager != PagerNone || len(d.list[i].Respond) > 0)
}

// Nowhere are the rules that ask where an address is, while nothing says so. located says that there is a database of addresses.
func (d *Rules) Nowhere(located bool) []string {
	var names []string
	for _, r := range d.list {
		if d.nowhere(r, located) {
			names = append(names, r.Name)
		}
	}
	return names
}
