// Package keyring holds the keys that Gatehouse seals with: what it hands to Temporal, and the columns of the ledger that say
// something about people. Both formats name the key beside the sealed bytes, so that keys can be replaced one after the other.
package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrNoKey is returned by [Ring.Open] where the ring does not have the key that a value was sealed with.
var ErrNoKey = errors.New("the key is not in the keyring")

// ErrShort is returned by [Ring.Open] for bytes that are fewer than a nonce.
var ErrShort = errors.New("it is cut short")

const (
	keySize   = 32
	nonceSize = 12
	// maxName is what the ledger's format has room for: a name's length is one byte there.
	maxName = 255
)

// Ring is AES-256-GCM under one of several keys. The active key seals and every key opens, which is how a key is rotated: the
// new one becomes active, and the old one stays until nothing is left that it sealed. A nil Ring seals nothing.
type Ring struct {
	active string
	keys   map[string]cipher.AEAD
}

// New returns a ring that seals with the key named active. Keys are 32 random bytes by name; a name has 1 to 255 bytes and is
// no secret: it is stored in clear beside what its key sealed.
func New(active string, keys map[string][]byte) (*Ring, error) {
	r := &Ring{active: active, keys: make(map[string]cipher.AEAD, len(keys))}
	for name, key := range keys {
		if name == "" || len(name) > maxName {
			return nil, fmt.Errorf("encryption key %q: its name must have 1 to %d bytes", name, maxName)
		}
		if len(key) != keySize {
			return nil, fmt.Errorf("encryption key %q has %d bytes: make one of %d with openssl rand -base64 %[3]d", name, len(key), keySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("encryption key %q: %w", name, err)
		}
		if r.keys[name], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("encryption key %q: %w", name, err)
		}
	}
	if r.keys[active] == nil {
		return nil, fmt.Errorf("the active encryption key %q is not in the keyring", active)
	}
	return r, nil
}

// Active is the name of the key that seals.
func (r *Ring) Active() string { return r.active }

// Overhead is by how many bytes a sealed value is longer than the value.
func (r *Ring) Overhead() int { return r.keys[r.active].Overhead() }

// Seal appends a fresh nonce and the sealed value to dst. What is authenticated with it is not stored: Open needs the same.
func (r *Ring) Seal(dst, value, authenticated []byte) []byte {
	return r.keys[r.active].Seal(dst, nil, value, authenticated)
}

// Open is the reverse of Seal, under the key of this name.
func (r *Ring) Open(name string, sealed, authenticated []byte) ([]byte, error) {
	aead := r.keys[name]
	if aead == nil {
		return nil, ErrNoKey
	}
	if len(sealed) < nonceSize {
		return nil, ErrShort
	}
	return aead.Open(nil, nil, sealed, authenticated)
}
