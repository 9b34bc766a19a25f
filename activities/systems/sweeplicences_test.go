package systems_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/google/workspace"
	"gatehouse/connectors/target"
)

// licensed is a Google that counts how it is asked for licences, and that may show a list without some holders.
type licensed struct {
	*workspace.Target
	lists, reads int
	hide         func(map[string][]string) error
}

func (s *licensed) LicencesOf(ctx context.Context, in target.ReadRequest) ([]string, error) {
	s.reads++
	return s.Target.LicencesOf(ctx, in)
}

func (s *licensed) LicenceHolders(ctx context.Context, in target.LicenceHoldersRequest) (target.LicenceHoldersResponse, error) {
	s.lists++
	out, err := s.Target.LicenceHolders(ctx, in)
	if err == nil && s.hide != nil {
		err = s.hide(out.Licences)
	}
	return out, err
}

// withLicences is a reading of a Google, and those who have a licence there, by their keys.
func withLicences(t *testing.T) (r *reading, s *licensed, ids map[string]string, keys []string) {
	t.Helper()
	l := googleLiar(t)
	plain, ok := l.system.(*workspace.Target)
	require.True(t, ok)
	s = &licensed{Target: plain}
	r = newReading(t, l.name, s)
	require.Empty(t, r.sweep().Why)
	all, err := plain.LicenceHolders(t.Context(), target.LicenceHoldersRequest{})
	require.NoError(t, err)
	var holders []string
	for id := range all.Licences {
		holders = append(holders, id)
	}
	slices.Sort(holders)
	require.Greater(t, len(holders), 5)
	keys, ids = r.link(holders...), map[string]string{}
	for i, key := range keys {
		ids[key] = holders[i]
	}
	s.lists, s.reads = 0, 0
	return r, s, ids, keys
}

// licencesOf are the licences of people, as far as anybody believes.
func (r *reading) licencesOf(keys []string) map[string][]string {
	all := map[string][]string{}
	for _, key := range keys {
		all[key] = r.account(key).Licences
	}
	return all
}

// TestLicencesAreReadOnceADay by one list, and an account only where the list shows less than is known.
func TestLicencesAreReadOnceADay(t *testing.T) {
	t.Parallel()
	r, s, ids, keys := withLicences(t)
	before := r.licencesOf(keys)
	for _, key := range keys {
		require.NotEmpty(t, before[key])
	}
	require.NoError(t, s.ReleaseLicence(t.Context(), target.LicenceRequest{Write: target.Write{ID: ids[keys[0]]}, Licence: mustHave(t, s, ids[keys[0]])}))
	s.reads = 0
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	require.Zero(t, s.lists, "not before the day is over")
	r.offset += 24 * time.Hour
	require.Empty(t, r.sweep().Why)
	require.Equal(t, [2]int{1, 1}, [2]int{s.lists, s.reads}, "only the account that has less than before is asked for")
	require.Equal(t, before, r.licencesOf(keys), "what is gone is believed until its date")
	r.hints.take()
	r.offset += 25 * time.Hour
	require.Empty(t, r.sweep().Why)
	require.Len(t, r.account(keys[0]).Licences, len(before[keys[0]])-1)
	require.Equal(t, []string{keys[0]}, r.hints.take())
	for _, key := range keys[1:] {
		require.Equal(t, before[key], r.account(key).Licences)
	}
	require.Empty(t, r.items(""))
}

func mustHave(t *testing.T, s *licensed, id string) string {
	t.Helper()
	licences, err := s.LicencesOf(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	require.NotEmpty(t, licences)
	return licences[0]
}

// TestAListOfLicencesThatIsCutShortTakesNothing shows a list without everybody, without half of them, and without one.
func TestAListOfLicencesThatIsCutShortTakesNothing(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]func(all int) int{
		"everybody": func(int) int { return 0 },
		"half":      func(all int) int { return all / 2 },
		"one":       func(all int) int { return all - 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, s, _, keys := withLicences(t)
			before := r.licencesOf(keys)
			s.hide = func(licences map[string][]string) error {
				var ids []string
				for id := range licences {
					ids = append(ids, id)
				}
				slices.Sort(ids)
				for _, id := range ids[left(len(ids)):] {
					delete(licences, id)
				}
				return nil
			}
			for range 3 {
				r.offset += 25 * time.Hour
				out := r.sweep()
				require.Equal(t, before, r.licencesOf(keys))
				require.Equal(t, name != "one", out.Why != "", out.Why)
				require.Len(t, r.items(notBelieved), map[bool]int{true: 0, false: 1}[name == "one"])
			}
			s.hide = nil
			r.offset += time.Hour
			require.Empty(t, r.sweep().Why, "it recovers by itself, without waiting for the next day")
			r.offset += 25 * time.Hour
			require.Empty(t, r.sweep().Why)
			require.Equal(t, before, r.licencesOf(keys))
			require.Empty(t, r.items(""))
		})
	}
}

// TestLicencesThatAreNotShownStopNothing: who may not see them reads the rest.
func TestLicencesThatAreNotShownStopNothing(t *testing.T) {
	t.Parallel()
	r, s, _, keys := withLicences(t)
	before := r.licencesOf(keys)
	s.hide = func(map[string][]string) error {
		return &connectors.Error{System: "google", Op: "list licences", Kind: connectors.KindUnauthorized, Err: context.Canceled}
	}
	r.offset += 25 * time.Hour
	out := r.sweep()
	require.Empty(t, out.Why)
	require.True(t, out.Complete)
	require.Equal(t, before, r.licencesOf(keys))
	require.Empty(t, r.items(""))
}
