// Package codec encrypts what Gatehouse hands to Temporal, so that histories hold no personal data in clear.
package codec

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"
)

const (
	encoding    = "binary/encrypted"
	metaKeyID   = "encryption-key-id"
	metaContent = "encoding"
)

// Codec is AES-256-GCM under the active key of a keyring. Payloads written under any other key of the ring stay
// readable, which is how a key is rotated.
type Codec struct {
	active string
	keys   map[string]cipher.AEAD
}

// New returns a codec that seals with the key named active. Keys are 32 bytes.
func New(active string, keys map[string][]byte) (*Codec, error) {
	c := &Codec{active: active, keys: map[string]cipher.AEAD{}}
	for id, key := range keys {
		if len(key) != 32 {
			return nil, fmt.Errorf("encryption key %q has %d bytes: make one of 32 with openssl rand -base64 32", id, len(key))
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("encryption key %q: %w", id, err)
		}
		if c.keys[id], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("encryption key %q: %w", id, err)
		}
	}
	if _, ok := c.keys[active]; !ok {
		return nil, fmt.Errorf("the active encryption key %q is not in the keyring", active)
	}
	return c, nil
}

// Encode implements converter.PayloadCodec.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("seal a payload: %w", err)
		}
		aead := c.keys[c.active]
		nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
		if _, err := rand.Read(nonce); err != nil {
			return nil, fmt.Errorf("seal a payload: %w", err)
		}
		sealed[i] = &commonpb.Payload{
			Metadata: map[string][]byte{metaContent: []byte(encoding), metaKeyID: []byte(c.active)},
			Data:     aead.Seal(nonce, nonce, plain, []byte(c.active)),
		}
	}
	return sealed, nil
}

// Decode implements converter.PayloadCodec. Payloads from before there was a key pass through.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	plain := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[metaContent]) != encoding {
			plain[i] = p
			continue
		}
		id := string(p.GetMetadata()[metaKeyID])
		aead, ok := c.keys[id]
		if !ok {
			return nil, fmt.Errorf("open a payload: its key %q is not in encryption.keys", id)
		}
		if len(p.GetData()) < aead.NonceSize() {
			return nil, errors.New("open a payload: it is cut short")
		}
		nonce, box := p.GetData()[:aead.NonceSize()], p.GetData()[aead.NonceSize():]
		data, err := aead.Open(nil, nonce, box, []byte(id))
		if err != nil {
			return nil, fmt.Errorf("open a payload under key %q: %w", id, err)
		}
		plain[i] = &commonpb.Payload{}
		if err := proto.Unmarshal(data, plain[i]); err != nil {
			return nil, fmt.Errorf("open a payload: %w", err)
		}
	}
	return plain, nil
}

// Converters are the data and failure converters that clients, workers and replayers must share. Without a codec they
// are Temporal's own.
func Converters(c *Codec) (converter.DataConverter, converter.FailureConverter) {
	data := converter.GetDefaultDataConverter()
	if c == nil {
		return data, temporal.GetDefaultFailureConverter()
	}
	data = converter.NewCodecDataConverter(data, c)
	return data, temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: data, EncodeCommonAttributes: true,
	})
}
