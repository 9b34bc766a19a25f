package conformance

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

func containersAll(t *testing.T, b *TargetBench) {
	out, err := able[target.Placer](t, b.Target).Containers(t.Context(), target.ContainersRequest{})
	require.NoError(t, err)
	var ids []string
	for _, c := range out.Containers {
		require.NotEmpty(t, c.Name)
		ids = append(ids, c.ID)
	}
	require.Subset(t, ids, []string{b.Look(b.ID).Container, b.Elsewhere, b.read(t).Container})
	require.NotContains(t, ids, b.Nowhere)
	require.Equal(t, slices.Compact(slices.Sorted(slices.Values(ids))), ids, "in their order, each once")
}

func profilesAll(t *testing.T, b *TargetBench) {
	out, err := able[target.Profiler](t, b.Target).Profiles(t.Context(), target.ProfilesRequest{})
	require.NoError(t, err)
	var ids []string
	names := map[string]bool{}
	for _, p := range out.Profiles {
		require.NotEmpty(t, p.Name)
		require.False(t, names[strings.ToLower(p.Name)], "two kinds have one name")
		names[strings.ToLower(p.Name)] = true
		ids = append(ids, p.ID)
	}
	require.NotEqual(t, b.Kind, b.read(t).Profile)
	require.Subset(t, ids, []string{b.Kind, b.read(t).Profile})
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), len(ids))
}

func createPlaced(t *testing.T, b *TargetBench) {
	creates, all := able[target.Creator](t, b.Target), len(b.All())
	_, err := creates.Create(t.Context(), target.CreateRequest{Document: b.Fresh(), Container: b.Nowhere})
	failed(t, err, connectors.KindInvalid)
	require.Len(t, b.All(), all)
	d := b.Fresh()
	for range 2 {
		made, err := creates.Create(t.Context(), target.CreateRequest{Document: d, Container: b.Elsewhere})
		require.NoError(t, err)
		require.Equal(t, b.Elsewhere, made.Account.Container)
		require.Equal(t, b.Elsewhere, b.Look(made.Account.Ref.ID).Container)
	}
	require.Len(t, b.All(), all+1)
}

func createKind(t *testing.T, b *TargetBench) {
	creates, all := able[target.Creator](t, b.Target), len(b.All())
	_, err := creates.Create(t.Context(), target.CreateRequest{Document: b.Fresh(), Profile: b.Wrong})
	failed(t, err, connectors.KindInvalid)
	made, err := creates.Create(t.Context(), target.CreateRequest{Document: b.Fresh(), Profile: b.Kind})
	require.NoError(t, err)
	require.Equal(t, b.Kind, made.Account.Profile)
	require.Len(t, b.All(), all+1)
}

// described are values for attributes that take any text.
var described = map[string]string{
	target.AttributeFirstName: "Bjørn", target.AttributeLastName: "O'Neil-Ng", target.AttributeDisplayName: "Bjørn O'Neil", target.AttributeTitle: "Head of Something",
	target.AttributeDepartment: "R&D", target.AttributeCompany: "Acme, Ltd.", target.AttributePhone: "+1 555 0142", target.AttributeMobile: "+1 555 0143",
	target.AttributeLocation: "Zürich",
}

func profileAttributes(t *testing.T, b *TargetBench) {
	names := able[target.AttributeNamer](t, b.Target).Attributes()
	require.Equal(t, slices.Compact(slices.Sorted(slices.Values(names))), names)
	require.Zero(t, b.Requests(), "nothing is asked")
	for _, name := range slices.Sorted(maps.Keys(described)) {
		if slices.Contains(names, name) {
			continue
		}
		_, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{
			Write: target.Write{ID: b.ID}, Changes: []target.Change{{Attribute: name, To: described[name]}},
		})
		failed(t, err, connectors.KindInvalid)
	}
}

// profileReadBack writes every attribute, and looks for it wherever the account is shown.
func profileReadBack(t *testing.T, b *TargetBench) {
	fresh := b.Fresh()
	values := maps.Clone(described)
	values[target.AttributeEmail], values[target.AttributeExternalID], values[target.AttributeManager] = fresh.Email, fresh.ExternalID, b.Protected
	values[target.AttributeProfile], values[target.AttributeFederationID] = b.Kind, "zoe@single-sign-on"
	before, changes := b.read(t), []target.Change{}
	for _, name := range able[target.AttributeNamer](t, b.Target).Attributes() {
		now, known := before.Attribute(name)
		require.True(t, known && values[name] != "" && values[name] != now, "the case has no other value for %s", name)
		changes = append(changes, target.Change{Attribute: name, From: now, To: values[name]})
	}
	answered, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: changes})
	require.NoError(t, err)
	boss := b.Look(b.Protected).Email
	for what, a := range map[string]target.Account{"the answer": answered, "Read": b.read(t), "List": b.listed(t), "Find": b.found(t, fresh.ExternalID)} {
		for _, c := range changes {
			got, _ := a.Attribute(c.Attribute)
			if c.Attribute == target.AttributeManager && got == "" {
				require.Equal(t, boss, a.ManagerAddress, "%s shows no manager", what)
				continue
			}
			require.Equal(t, c.To, got, "%s shows another %s", what, c.Attribute)
		}
		require.Equal(t, before.Container, a.Container, what)
	}
	require.Equal(t, b.Protected, b.read(t).Manager)
}

// listed is the account as the list shows it.
func (b *TargetBench) listed(t *testing.T) (found target.Account) {
	t.Helper()
	in := target.ListRequest{}
	for {
		page, err := able[target.Lister](t, b.Target).List(t.Context(), in)
		require.NoError(t, err)
		for _, a := range page.Accounts {
			if a.Ref.ID == b.ID {
				return a
			}
		}
		require.NotEmpty(t, page.Next, "the list shows the account")
		in.Cursor = page.Next
	}
}

func (b *TargetBench) found(t *testing.T, externalID string) target.Account {
	t.Helper()
	found, err := able[target.Finder](t, b.Target).Find(t.Context(), target.FindRequest{ExternalID: externalID})
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// createSays makes an account with everything that a document can say and the system has a place for.
func createSays(t *testing.T, b *TargetBench) {
	d := b.Fresh()
	d.Department, d.Company, d.Phone, d.Mobile, d.Location, d.DisplayName = "R&D", "Acme, Ltd.", "+1 555 0142", "+1 555 0143", "Zürich", "Bjørn O'Neil"
	made, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	there, err := b.Target.Read(t.Context(), target.ReadRequest{ID: made.Account.Ref.ID})
	require.NoError(t, err)
	places := able[target.AttributeNamer](t, b.Target).Attributes()
	for _, name := range []string{
		target.AttributeDepartment, target.AttributeCompany, target.AttributePhone, target.AttributeMobile, target.AttributeLocation, target.AttributeDisplayName,
	} {
		want, _ := target.Account{Document: d}.Attribute(name)
		for _, a := range []target.Account{made.Account, there} {
			if got, _ := a.Attribute(name); slices.Contains(places, name) {
				require.Equal(t, want, got, name)
			}
		}
	}
}
