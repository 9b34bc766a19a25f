package activities_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/persons"
)

// order gives an order as an operator would.
func (r *rig) order(o identity.Order) api.OrderGiven {
	r.t.Helper()
	if o.By == "" {
		o.By, o.Reason = "tester", "test"
	}
	var given api.OrderGiven
	out := r.must(api.OrdersGive, api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}})
	require.NoError(r.t, out.Get(&given))
	return given
}

// release releases an order as an operator would, and reports whether there was anything to release.
func (r *rig) release(id string) bool {
	r.t.Helper()
	var out api.OrderReleased
	require.NoError(r.t, r.must(api.OrdersRelease, api.ReleaseOrder{ID: id, By: "tester", Reason: "test"}).Get(&out))
	return out.Released
}

func (r *rig) openOrders(key string) []string {
	r.t.Helper()
	orders, err := r.app.Ledger.OrdersInForce(r.t.Context(), key)
	require.NoError(r.t, err)
	var out []string
	for _, o := range orders {
		out = append(out, o.ID+": "+string(o.Kind))
	}
	return out
}

func TestOrderIsGivenAndReleasedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	o := identity.Order{ID: "case-1/suspend", Key: "workday-21002", Kind: identity.OrderSuspend}
	for range 3 {
		require.Equal(t, api.OrderGiven{ID: o.ID, Key: o.Key}, r.order(o))
		r.restart()
	}
	require.Equal(t, []string{"case-1/suspend: suspend"}, r.openOrders(o.Key))
	require.Equal(t, []string{"person/workday-21002", "person/workday-21002", "person/workday-21002"}, r.hints(),
		"each attempt hints, because the one before may not have got that far")
	require.True(t, r.release(o.ID))
	require.False(t, r.release(o.ID), "it is over")
	require.Len(t, r.hints(), 5)
	r.order(o)
	require.Empty(t, r.openOrders(o.Key), "a late repetition does not bring it back")
	require.False(t, r.release("never-given"))
	require.Len(t, r.hints(), 6, "nobody is hinted about an order that never was")
}

func TestTwoProcessesGiveTheSameOrderAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := r.vendors.Activities.Orders.Give(t.Context(), api.GiveOrder{Order: identity.Order{
				ID: "o1", Key: "workday-21002", Kind: identity.OrderLock, By: "rule", Rule: "brute-force", Minutes: 15,
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, []string{"o1: lock"}, r.openOrders("workday-21002"))
}

func TestBadOrdersAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"access:\n", "roles: {AWS Admin: {privileged: true, requestable: false}}\naccess:\n"}})
	r.order(identity.Order{ID: "taken", Key: "workday-21002", Kind: identity.OrderFreeze})
	good := identity.Order{ID: "o1", Key: "workday-21002", Kind: identity.OrderLock, By: "tester", Reason: "test"}
	for name, bad := range map[string]struct {
		change func(o *identity.Order)
		says   string
	}{
		"no id":                {func(o *identity.Order) { o.ID = "" }, "needs an id"},
		"no key":               {func(o *identity.Order) { o.Key = "" }, "needs the key"},
		"nobody's":             {func(o *identity.Order) { o.By = "" }, "who decides?"},
		"unknown kind":         {func(o *identity.Order) { o.Kind = "banish" }, "use one of contain, suspend"},
		"no key at all":        {func(o *identity.Order) { o.Key = "Jane Doe" }, "not a person's key"},
		"unknown source":       {func(o *identity.Order) { o.Key = "sap-1" }, "no HR source"},
		"no user id":           {func(o *identity.Order) { o.Key = "onelogin-jane" }, "OneLogin user id"},
		"minutes too long":     {func(o *identity.Order) { o.Minutes = 20_000 }, "use a suspend order"},
		"minutes negative":     {func(o *identity.Order) { o.Minutes = -1 }, "the policy's own period"},
		"minutes of a freeze":  {func(o *identity.Order) { o.Kind, o.Minutes = identity.OrderFreeze, 5 }, "only a lock order has minutes"},
		"grant of nothing":     {func(o *identity.Order) { o.Kind = identity.OrderGrant }, "needs roles"},
		"roles of a lock":      {func(o *identity.Order) { o.Roles = []string{"Sales"} }, "only a grant order and a deny order"},
		"denial of nothing":    {func(o *identity.Order) { o.Kind = identity.OrderDeny }, "needs roles"},
		"denial of a blank":    {func(o *identity.Order) { o.Kind, o.Roles = identity.OrderDeny, []string{" "} }, "without a name"},
		"attributes of a lock": {func(o *identity.Order) { o.Attributes = map[string]string{"title": "x"} }, "only a set order"},
		"nothing set":          {setting(nil), "needs attributes to set: company, department, phone, title"},
		"set without end":      {func(o *identity.Order) { setting(titled("x"))(o); o.Until = time.Time{} }, "needs an end"},
		"set for too long":     {func(o *identity.Order) { setting(titled("x"))(o); o.Until = monday.AddDate(1, 0, 1) }, "12 months at most"},
		"set at no time":       {func(o *identity.Order) { setting(titled("x"))(o); o.At = time.Time{} }, "the time at which it is given"},
		"set to nothing":       {setting(titled(" ")), "cannot empty"},
		"set to a line break":  {setting(titled("a\nb")), "control characters"},
		"set to run backwards": {setting(titled("a\u202eb")), "control characters"},
		"set to no text":       {setting(titled("a\xffb")), "UTF-8"},
		"set to a novel":       {setting(titled(strings.Repeat("ä", 129))), "longer than 128"},
		"set with a space":     {setting(titled("a ")), "ends with a space"},
		"set of a username":    {setting(map[string]string{"username": "root"}), `attribute "username" cannot be set: use company`},
		"set of an address":    {setting(map[string]string{"email": "a@b.example"}), "cannot be set"},
		"set of a name":        {setting(map[string]string{"lastname": "Smith"}), "cannot be set"},
		"set of a manager":     {setting(map[string]string{"manager": "workday-1"}), "cannot be set"},
		"roles of an opening":  {func(o *identity.Order) { o.Kind, o.Roles = identity.OrderEnable, []string{"Sales"} }, "only a grant order and a deny order"},
		"nameless role":        {func(o *identity.Order) { o.Kind, o.Roles = identity.OrderGrant, []string{""} }, "without a name"},
		"role of rules only":   {func(o *identity.Order) { o.Kind, o.Roles = identity.OrderGrant, []string{"AWS Admin"} }, "not requestable"},
		"group of a lock":      {func(o *identity.Order) { o.Group = "Sales" }, "only a restrict order"},
		"lapsed before given":  {func(o *identity.Order) { o.At, o.Until = monday, monday.Add(-time.Hour) }, "before it was given"},
		"somebody else's id":   {func(o *identity.Order) { o.ID, o.Key = "taken", "workday-21003" }, "about another person"},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			bad.change(&o)
			_, err := r.run(api.OrdersGive, api.GiveOrder{Order: o})
			app := application(t, err)
			require.True(t, app.NonRetryable())
			require.Contains(t, app.Message(), bad.says)
			require.NotContains(t, app.Message(), "\n")
		})
	}
	_, err := r.run(api.OrdersRelease, api.ReleaseOrder{ID: "taken"})
	require.ErrorContains(t, err, "who decides?")
	require.Equal(t, []string{"taken: freeze"}, r.openOrders("workday-21002"))
	require.Empty(t, r.openOrders("workday-21003"))
}

func titled(title string) map[string]string { return map[string]string{"title": title} }

// setting makes an order one that has the account say something else than HR for a year.
func setting(attributes map[string]string) func(*identity.Order) {
	return func(o *identity.Order) {
		o.Kind, o.Attributes, o.At, o.Until = identity.OrderSet, attributes, monday, monday.AddDate(1, 0, 0)
	}
}

// TestOrderFollowsItsPerson: whoever gives an order may know a person by another name than Gatehouse does by now.
func TestOrderFollowsItsPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	account := known(r, "workday-21002").AccountID
	bare := identity.Order{ID: "o1", Key: "onelogin-" + number(account), Kind: identity.OrderFreeze}
	require.Equal(t, "workday-21002", r.order(bare).Key, "the account is on record for a person")

	// The contractor of BambooHR turns out to be the employee of Workday.
	contain := identity.Order{ID: "o2", Key: "bamboohr-101", Kind: identity.OrderRestrict, Group: "Support"}
	require.Equal(t, "bamboohr-101", r.order(contain).Key)
	r.assess("bamboohr-101")
	require.NoError(t, r.app.Ledger.People().Join(t.Context(), "bamboohr", "101", "workday-21002", "tester"))
	require.Equal(t, []string{"o1: freeze", "o2: restrict"}, r.openOrders("workday-21002"), "orders follow their person")
	require.Equal(t, "workday-21002", r.order(contain).Key, "a repetition finds it under the new name")
	lock := identity.Order{ID: "o3", Key: "bamboohr-101", Kind: identity.OrderLock}
	require.Equal(t, "workday-21002", r.order(lock).Key)
	require.True(t, r.release("o2"))
	require.Equal(t, []string{"o1: freeze", "o3: lock"}, r.openOrders("workday-21002"))
}

// TestOrderUnderAnAccountWaitsForItsPerson: nobody had looked at the person when the order was given.
func TestOrderUnderAnAccountWaitsForItsPerson(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	account := r.account("workday-21004").ID
	bare := "onelogin-" + number(account)
	require.Equal(t, bare, r.order(identity.Order{ID: "o1", Key: bare, Kind: identity.OrderContain}).Key)
	require.Equal(t, "workday-21004", r.assess(bare).ForwardTo)
	require.Equal(t, []string{"o1: contain"}, r.openOrders("workday-21004"))
	require.True(t, r.release("o1"))
	require.Empty(t, r.openOrders("workday-21004"), "one order, however many names its person has")
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func TestKeyOfAccount(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"match_external_ids: [", "match_external_ids: [\"hr-{source}-{employee_id}\", "}})
	keyOf := func(id int64) string {
		t.Helper()
		key, err := r.vendors.Activities.Person.KeyOfAccount(t.Context(), id)
		require.NoError(t, err)
		return key
	}
	linked := known(r, "workday-21002").AccountID
	require.Equal(t, "workday-21002", keyOf(linked))
	require.Equal(t, "workday-21005", keyOf(r.account("workday-21005").ID), "by its external id, before anybody looked")
	_, found, err := r.app.Ledger.Dossier(t.Context(), "workday-21005")
	require.NoError(t, err)
	require.False(t, found, "asking leaves no trace")
	require.Equal(t, "onelogin-999999", keyOf(999_999), "an account that is gone")

	other := api.EnsureProfileInput{AccountInput: known(r, "workday-21006"), Profile: identity.Profile{ExternalID: "hr-workday-21007"}}
	r.must(api.OneLoginEnsureProfile, other)
	require.NoError(t, r.app.Ledger.Inventory().SetAccount(t.Context(), "workday-21006", 0, false))
	require.Equal(t, "onelogin-"+number(other.AccountID), keyOf(other.AccountID), "nobody has that employee id")
	_, err = r.app.Ledger.People().Admit(t.Context(), "workday-21007", "workday", "21007", persons.Digests{})
	require.NoError(t, err)
	require.Equal(t, "onelogin-"+number(other.AccountID), keyOf(other.AccountID), "an employee id under another name is no proof")
	r.must(api.OneLoginEnsureProfile, api.EnsureProfileInput{AccountInput: other.AccountInput, Profile: identity.Profile{
		FirstName: r.account("workday-21007").FirstName, LastName: r.account("workday-21007").LastName,
	}})
	require.Equal(t, "onelogin-"+number(other.AccountID), keyOf(other.AccountID), "nor under the address of somebody employed")
	_, err = r.vendors.Activities.Person.KeyOfAccount(t.Context(), 0)
	require.Error(t, err)
}
