// Package codec encrypts what Gatehouse hands to Temporal, so that histories hold no personal data in clear.
package codec

import (
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"gatehouse/internal/keyring"
)

const (
	encoding    = "binary/encrypted"
	metaKeyID   = "encryption-key-id"
	metaContent = "encoding"
)

// Codec seals payloads under the active key of a keyring and opens them under any of its keys.
type Codec struct{ keys *keyring.Ring }

// New returns a codec with the keys of a ring.
func New(keys *keyring.Ring) *Codec { return &Codec{keys: keys} }

// Encode implements converter.PayloadCodec.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("seal a payload: %w", err)
		}
		id := []byte(c.keys.Active())
		sealed[i] = &commonpb.Payload{
			Metadata: map[string][]byte{metaContent: []byte(encoding), metaKeyID: id},
			Data:     c.keys.Seal(nil, plain, id),
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
		data, err := c.keys.Open(id, p.GetData(), []byte(id))
		switch {
		case errors.Is(err, keyring.ErrNoKey):
			return nil, fmt.Errorf("open a payload: its key %q is not in encryption.keys", id)
		case errors.Is(err, keyring.ErrShort):
			return nil, fmt.Errorf("open a payload: %w", err)
		case err != nil:
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
