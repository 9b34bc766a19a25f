package incidents

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/ledger/incidents"
	"gatehouse/policy/detect"
)

// maxShown is how many characters the different values of one detail have together.
const maxShown = 200

// happened are the details of a case's latest events, each with its different values, the latest first.
type happened struct{ values map[string][]string }

// shownOf collects what the latest events of a case say, to be shown as far as the policy lets each place know it.
func shownOf(latest []incidents.StoredEvent, show detect.Show) (api.CaseShown, error) {
	h := happened{values: map[string][]string{}}
	for _, stored := range slices.Backward(latest) {
		if len(stored.Detail) == 0 {
			continue // Nothing was kept of it.
		}
		var e detect.Event
		if err := json.Unmarshal(stored.Detail, &e); err != nil {
			return api.CaseShown{}, fmt.Errorf("read event %d: %w", stored.ID, err)
		}
		h.take(e)
	}
	return api.CaseShown{Page: h.lines(show.Page), Ticket: h.lines(show.Ticket), Message: h.lines(show.Message)}, nil
}

func (h happened) add(detail, value string) {
	if value = strings.TrimSpace(value); value != "" && !slices.Contains(h.values[detail], value) {
		h.values[detail] = append(h.values[detail], value)
	}
}

func (h happened) take(e detect.Event) {
	h.add("", e.Type)
	h.add(detect.DetailName, e.UserName)
	h.add(detect.DetailAddress, e.IP)
	if e.Place != nil {
		h.add(detect.DetailPlace, e.Place.Country)
	}
	h.add(detect.DetailApplication, e.App)
	if e.ActorID != 0 && e.ActorID != e.UserID {
		h.add(detect.DetailActor, "OneLogin user "+strconv.FormatInt(e.ActorID, 10))
	}
	h.add(detect.DetailActor, e.ActorSystem)
	if e.ClientID != "" {
		h.add(detect.DetailActor, "API credential "+e.ClientID)
	}
	for _, change := range []struct{ what, value string }{
		{"privilege", e.PrivilegeName}, {"role", e.Role}, {"group", e.Group}, {"policy", e.Policy}, {"factor", e.Factor},
	} {
		if change.value != "" {
			h.add(detect.DetailChange, change.what+" "+change.value)
		}
	}
	if e.Scored {
		h.add(detect.DetailRisk, strings.TrimSuffix(strconv.Itoa(e.RiskScore)+": "+e.RiskReasons, ": "))
	}
}

// shownLabels are what details are called.
var shownLabels = map[string]string{
	"": "Event", detect.DetailName: "Name", detect.DetailAddress: "Address", detect.DetailPlace: "Country", detect.DetailApplication: "Application",
	detect.DetailActor: "By", detect.DetailChange: "Concerns", detect.DetailRisk: "Risk score",
}

// lines are the details that a place may show. What sort of events these are may be known everywhere.
func (h happened) lines(details []string) []api.Line {
	var lines []api.Line
	for _, detail := range append([]string{""}, details...) {
		values := h.values[detail]
		if len(values) == 0 {
			continue
		}
		lines = append(lines, api.Line{Label: shownLabels[detail], Value: step.Listed(values, ", ", maxShown)})
	}
	return lines
}

// addReasons adds why a sign-in counts that nothing else is wrong with, to whoever may know what it is compared by.
func addReasons(shown *api.CaseShown, rules *detect.Rules, of []string) {
	settings := rules.Settings()
	for _, name := range of {
		rule, found := rules.Rule(name)
		if !found || rule.Unusual == nil {
			continue
		}
		line := api.Line{Label: "Reason", Value: fmt.Sprintf("%s not seen for this account in %s", rule.Unusual.By, days(settings.Habits.Keep))}
		detail := map[string]string{detect.ByCountry: detect.DetailPlace, detect.ByNetwork: detect.DetailAddress}[rule.Unusual.By]
		for _, part := range []struct {
			lines   *[]api.Line
			details []string
		}{{&shown.Page, settings.Show.Page}, {&shown.Ticket, settings.Show.Ticket}, {&shown.Message, settings.Show.Message}} {
			if slices.Contains(part.details, detail) && !slices.Contains(*part.lines, line) {
				*part.lines = append(*part.lines, line)
			}
		}
	}
}

// days says how long a habit is kept.
func days(d time.Duration) string {
	if d > 24*time.Hour && d%(24*time.Hour) == 0 {
		return strconv.Itoa(int(d/(24*time.Hour))) + " days"
	}
	return d.String()
}
