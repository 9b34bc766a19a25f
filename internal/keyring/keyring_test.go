package keyring_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/keyring"
)

func key(letter string) []byte { return bytes.Repeat([]byte(letter), 32) }

func ring(t *testing.T, active string, names ...string) *keyring.Ring {
	t.Helper()
	keys := map[string][]byte{}
	for _, name := range names {
		keys[name] = key(name)
	}
	r, err := keyring.New(active, keys)
	require.NoError(t, err)
	return r
}

// TestRotation: the active key seals, every key of the ring opens, and a key that is gone opens nothing.
func TestRotation(t *testing.T) {
	t.Parallel()
	at := []byte("where it is stored")
	before, during, after := ring(t, "a", "a"), ring(t, "b", "a", "b"), ring(t, "b", "b")
	require.Equal(t, "b", during.Active())
	underA, underB := before.Seal(nil, []byte("value"), at), during.Seal(nil, []byte("value"), at)
	for name, sealed := range map[string][]byte{"a": underA, "b": underB} {
		value, err := during.Open(name, sealed, at)
		require.NoError(t, err, name)
		require.Equal(t, "value", string(value), name)
	}
	value, err := after.Open("b", underB, at)
	require.NoError(t, err)
	require.Equal(t, "value", string(value))
	_, err = after.Open("a", underA, at)
	require.ErrorIs(t, err, keyring.ErrNoKey)
}

// TestTheFormatIsPlainGCM: a nonce of 12 bytes and what GCM makes, so that whatever speaks AES-GCM reads it, and is read.
func TestTheFormatIsPlainGCM(t *testing.T) {
	t.Parallel()
	block, err := aes.NewCipher(key("a"))
	require.NoError(t, err)
	plain, err := cipher.NewGCM(block)
	require.NoError(t, err)
	r, value, at := ring(t, "a", "a"), []byte("value"), []byte("at")

	sealed := r.Seal([]byte("head"), value, at)
	require.Equal(t, "head", string(sealed[:4]), "it is appended")
	require.Len(t, sealed, len("head")+len(value)+r.Overhead())
	opened, err := plain.Open(nil, sealed[4:16], sealed[16:], at)
	require.NoError(t, err)
	require.Equal(t, value, opened)

	nonce := []byte("twelve bytes")
	opened, err = r.Open("a", plain.Seal(nonce, nonce, value, at), at)
	require.NoError(t, err)
	require.Equal(t, value, opened)
}

func TestDamage(t *testing.T) {
	t.Parallel()
	r, at := ring(t, "a", "a", "b"), []byte("at")
	sealed := r.Seal(nil, []byte("value"), at)
	require.NotEqual(t, sealed, r.Seal(nil, []byte("value"), at), "equal values are not recognisable as equal")
	bent := bytes.Clone(sealed)
	bent[len(bent)-1] ^= 1
	for name, tt := range map[string]struct {
		key        string
		sealed, at []byte
		want       string
	}{
		"nothing":           {"a", nil, at, "it is cut short"},
		"half a nonce":      {"a", sealed[:6], at, "it is cut short"},
		"a nonce alone":     {"a", sealed[:12], at, "cipher: message authentication failed"},
		"one bit":           {"a", bent, at, "cipher: message authentication failed"},
		"another place":     {"a", sealed, []byte("elsewhere"), "cipher: message authentication failed"},
		"another key":       {"b", sealed, at, "cipher: message authentication failed"},
		"a key that is not": {"c", sealed, at, "the key is not in the keyring"},
	} {
		_, err := r.Open(tt.key, tt.sealed, tt.at)
		require.EqualError(t, err, tt.want, name)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 256)
	for name, tt := range map[string]struct {
		active string
		keys   map[string][]byte
		want   string
	}{
		"no keys":              {"a", nil, `the active encryption key "a" is not in the keyring`},
		"another active key":   {"b", map[string][]byte{"a": key("k")}, `the active encryption key "b" is not in the keyring`},
		"a key without a name": {"", map[string][]byte{"": key("k")}, `encryption key "": its name must have 1 to 255 bytes`},
		"a name too long":      {long, map[string][]byte{long: key("k")}, `encryption key "` + long + `": its name must have 1 to 255 bytes`},
	} {
		_, err := keyring.New(tt.active, tt.keys)
		require.EqualError(t, err, tt.want, name)
	}
	for _, size := range []int{0, 16, 24, 31, 33} {
		_, err := keyring.New("a", map[string][]byte{"a": make([]byte, size)})
		require.EqualError(t, err, fmt.Sprintf(`encryption key "a" has %d bytes: make one of 32 with openssl rand -base64 32`, size))
	}
}
