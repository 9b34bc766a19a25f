package codec_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/codec"
	"gatehouse/internal/keyring"
)

// personal is what must never be read in a history.
var personal = []string{"Ada", "Byron", "ada.byron@acme.example", "ada@home.example", "lost laptop"}

func assessment() api.Assessment {
	return api.Assessment{
		Key: "workday-21001", Episode: 2,
		Person: identity.Person{Key: "workday-21001", Record: identity.Record{
			FirstName: "Ada", LastName: "Byron", PersonalEmail: "ada@home.example",
		}},
		Account: &identity.Account{ID: 42, Username: "ada.byron@acme.example", Roles: []string{"Everyone"}},
		Order:   &identity.Order{ID: "o1", Reason: "lost laptop"},
	}
}

func key(t *testing.T) []byte {
	t.Helper()
	k := make([]byte, 32)
	_, err := rand.Read(k)
	require.NoError(t, err)
	return k
}

func newCodec(t *testing.T, active string, keys map[string][]byte) *codec.Codec {
	t.Helper()
	ring, err := keyring.New(active, keys)
	require.NoError(t, err)
	return codec.New(ring)
}

func payload(t *testing.T, value any) *commonpb.Payload {
	t.Helper()
	p, err := converter.GetDefaultDataConverter().ToPayload(value)
	require.NoError(t, err)
	return p
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "a", map[string][]byte{"a": key(t)})
	plain := []*commonpb.Payload{
		payload(t, assessment()), payload(t, nil), payload(t, []byte{0, 1, 2}), payload(t, ""),
		{},
		{Metadata: map[string][]byte{"encoding": []byte("json/plain"), "more": []byte("Ada")}, Data: bytes.Repeat([]byte("x"), 1<<12)},
	}
	sealed, err := c.Encode(plain)
	require.NoError(t, err)
	require.Len(t, sealed, len(plain))
	opened, err := c.Decode(sealed)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(plain, opened, protocmp.Transform()))

	none, err := c.Encode(nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

// TestNothingPersonalInClear looks at the bytes as Temporal would store them.
func TestNothingPersonalInClear(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "2026-11", map[string][]byte{"2026-11": key(t)})
	data, failures := codec.Converters(c)
	stored, err := data.ToPayloads(assessment(), "Byron")
	require.NoError(t, err)
	wire, err := proto.Marshal(stored)
	require.NoError(t, err)
	failure := failures.ErrorToFailure(temporal.NewNonRetryableApplicationError(
		"Ada Byron is protected", api.ErrRefused, errors.New("ada.byron@acme.example"), assessment()))
	failed, err := proto.Marshal(failure)
	require.NoError(t, err)
	for _, secret := range append(personal, "workday-21001", "Everyone") {
		require.NotContains(t, string(wire), secret)
		require.NotContains(t, string(failed), secret)
	}
	require.Contains(t, string(wire), "2026-11", "which key it was is no secret")
	require.Equal(t, api.ErrRefused, failure.GetApplicationFailureInfo().GetType(), "operators filter by type")

	var back api.Assessment
	var name string
	require.NoError(t, data.FromPayloads(stored, &back, &name))
	require.Empty(t, cmp.Diff(assessment(), back))
	var app *temporal.ApplicationError
	require.ErrorAs(t, failures.FailureToError(failure), &app)
	require.Equal(t, "Ada Byron is protected", app.Message())
	require.True(t, app.NonRetryable())
}

// TestSealingTwiceDiffers: equal payloads must not be recognisable as equal.
func TestSealingTwiceDiffers(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "a", map[string][]byte{"a": key(t)})
	p := payload(t, assessment())
	sealed, err := c.Encode([]*commonpb.Payload{p, p})
	require.NoError(t, err)
	require.NotEqual(t, sealed[0].GetData(), sealed[1].GetData())
}

// TestRotation: a new key seals, the old one still opens, and without the old one the message says which is missing.
func TestRotation(t *testing.T) {
	t.Parallel()
	oldKey, newKey := key(t), key(t)
	before := newCodec(t, "old", map[string][]byte{"old": oldKey})
	during := newCodec(t, "new", map[string][]byte{"old": oldKey, "new": newKey})
	after := newCodec(t, "new", map[string][]byte{"new": newKey})
	plain := []*commonpb.Payload{payload(t, assessment())}
	sealedOld, err := before.Encode(plain)
	require.NoError(t, err)
	sealedNew, err := during.Encode(plain)
	require.NoError(t, err)
	for name, sealed := range map[string][]*commonpb.Payload{"old": sealedOld, "new": sealedNew} {
		opened, err := during.Decode(sealed)
		require.NoError(t, err, name)
		require.Empty(t, cmp.Diff(plain, opened, protocmp.Transform()), name)
	}
	opened, err := after.Decode(sealedNew)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(plain, opened, protocmp.Transform()))
	_, err = after.Decode(sealedOld)
	require.EqualError(t, err, `open a payload: its key "old" is not in encryption.keys`)
	_, err = before.Decode(sealedNew)
	require.EqualError(t, err, `open a payload: its key "new" is not in encryption.keys`)
}

// TestDamage: whatever was changed on the way is noticed, and no message quotes what is in the payload.
func TestDamage(t *testing.T) {
	t.Parallel()
	k := key(t)
	c := newCodec(t, "a", map[string][]byte{"a": k, "b": k})
	sealed, err := c.Encode([]*commonpb.Payload{payload(t, assessment())})
	require.NoError(t, err)
	whole := sealed[0]
	change := func(f func(p *commonpb.Payload)) *commonpb.Payload {
		p := proto.Clone(whole).(*commonpb.Payload)
		f(p)
		return p
	}
	const unauthentic = `open a payload under key "a": cipher: message authentication failed`
	tests := map[string]struct {
		damaged *commonpb.Payload
		want    string
	}{
		"no data":            {change(func(p *commonpb.Payload) { p.Data = nil }), "open a payload: it is cut short"},
		"half a nonce":       {change(func(p *commonpb.Payload) { p.Data = p.Data[:6] }), "open a payload: it is cut short"},
		"a nonce alone":      {change(func(p *commonpb.Payload) { p.Data = p.Data[:12] }), unauthentic},
		"the end is missing": {change(func(p *commonpb.Payload) { p.Data = p.Data[:len(p.Data)-1] }), unauthentic},
		"one bit":            {change(func(p *commonpb.Payload) { p.Data[40] ^= 1 }), unauthentic},
		"another nonce":      {change(func(p *commonpb.Payload) { p.Data[0] ^= 1 }), unauthentic},
		"something appended": {change(func(p *commonpb.Payload) { p.Data = append(p.Data, 0) }), unauthentic},
		"another key's name": {change(func(p *commonpb.Payload) { p.Metadata["encryption-key-id"] = []byte("b") }), `open a payload under key "b": cipher: message authentication failed`},
		"no key's name":      {change(func(p *commonpb.Payload) { delete(p.Metadata, "encryption-key-id") }), `open a payload: its key "" is not in encryption.keys`},
	}
	for name, tt := range tests {
		_, err := c.Decode([]*commonpb.Payload{tt.damaged})
		require.EqualError(t, err, tt.want, name)
	}
}

// TestPayloadsFromBeforeThereWasAKey stay readable: encryption can be switched on in a running installation.
func TestPayloadsFromBeforeThereWasAKey(t *testing.T) {
	t.Parallel()
	c := newCodec(t, "a", map[string][]byte{"a": key(t)})
	plain := payload(t, assessment())
	opened, err := c.Decode([]*commonpb.Payload{plain})
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]*commonpb.Payload{plain}, opened, protocmp.Transform()))

	data, _ := codec.Converters(nil)
	clear, err := data.ToPayload("Ada")
	require.NoError(t, err)
	require.Equal(t, `"Ada"`, string(clear.GetData()), "without a key nothing is sealed")
}

// TestHistoriesOfEarlierProgramsStayReadable: the file was sealed before codec and ledger shared a keyring, under either of
// two keys. What is sealed now has the same form, so that an earlier program reads it, too.
func TestHistoriesOfEarlierProgramsStayReadable(t *testing.T) {
	t.Parallel()
	keys := map[string][]byte{"2025": bytes.Repeat([]byte("1"), 32), "2026-11": bytes.Repeat([]byte("2"), 32)}
	file, err := os.ReadFile("testdata/sealed.txt")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(file)), "\n")
	require.Len(t, lines, 2)
	want := payload(t, assessment())
	for _, line := range lines {
		id, text, _ := strings.Cut(line, " ")
		stored, err := hex.DecodeString(text)
		require.NoError(t, err)
		before := &commonpb.Payload{}
		require.NoError(t, proto.Unmarshal(stored, before))
		opened, err := newCodec(t, "2026-11", keys).Decode([]*commonpb.Payload{before})
		require.NoError(t, err, id)
		require.Empty(t, cmp.Diff([]*commonpb.Payload{want}, opened, protocmp.Transform()), id)

		now, err := newCodec(t, id, keys).Encode([]*commonpb.Payload{want})
		require.NoError(t, err)
		require.Equal(t, before.GetMetadata(), now[0].GetMetadata(), id)
		require.Len(t, now[0].GetData(), len(before.GetData()), id)
		// As the earlier program opened it: a nonce of twelve bytes before the rest, and the key's name authenticated.
		block, err := aes.NewCipher(keys[id])
		require.NoError(t, err)
		aead, err := cipher.NewGCM(block)
		require.NoError(t, err)
		plain, err := aead.Open(nil, now[0].GetData()[:12], now[0].GetData()[12:], []byte(id))
		require.NoError(t, err, id)
		read := &commonpb.Payload{}
		require.NoError(t, proto.Unmarshal(plain, read))
		require.Empty(t, cmp.Diff(want, read, protocmp.Transform()), id)
	}
}
