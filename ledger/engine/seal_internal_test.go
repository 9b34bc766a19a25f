package engine

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/keyring"
)

// TestLedgersOfEarlierProgramsStayReadable: the file was sealed before ledger and codec shared a keyring, under either of two
// keys and without one. What is sealed now has the same form, so that an earlier program reads it, too.
func TestLedgersOfEarlierProgramsStayReadable(t *testing.T) {
	t.Parallel()
	const value = `{"first_name":"Ada"}`
	at := Place("people.dossier", "workday-21001")
	keys := map[string][]byte{"2025": bytes.Repeat([]byte("1"), 32), "2026-11": bytes.Repeat([]byte("2"), 32)}
	file, err := os.ReadFile("testdata/sealed.txt")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(file)), "\n")
	require.Len(t, lines, 3)
	for _, line := range lines {
		id, text, _ := strings.Cut(line, " ")
		before, err := hex.DecodeString(text)
		require.NoError(t, err)
		ring, err := keyring.New("2026-11", keys)
		require.NoError(t, err)
		opened, err := (&DB{seal: ring}).Open(at, before)
		require.NoError(t, err, id)
		require.True(t, bytes.Equal([]byte(value), opened), id)
		if id == "-" {
			require.Equal(t, before, (&DB{}).Seal(at, []byte(value)), "without a key")
			continue
		}

		ring, err = keyring.New(id, keys)
		require.NoError(t, err)
		now := (&DB{seal: ring}).Seal(at, []byte(value))
		head := 2 + len(id)
		require.Equal(t, before[:head], now[:head], "mark, length and name of the key")
		require.Len(t, now, len(before), id)
		// As the earlier program opened it: a nonce of twelve bytes before the rest, and the place authenticated.
		block, err := aes.NewCipher(keys[id])
		require.NoError(t, err)
		aead, err := cipher.NewGCM(block)
		require.NoError(t, err)
		plain, err := aead.Open(nil, now[head:head+12], now[head+12:], at)
		require.NoError(t, err, id)
		require.True(t, bytes.Equal([]byte(value), plain), id)
	}
}
