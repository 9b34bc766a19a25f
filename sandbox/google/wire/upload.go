package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Media is what was uploaded beside, or instead of, an object in JSON.
type Media struct {
	Kind string
	Data []byte
}

// Uploaded takes a request apart: at /upload/... the body is the media alone, or two parts, the object and the media. Anywhere
// else it is the object. Of the protocols, resumable is not served here.
func Uploaded(c *tenant.Call, into any) (*Media, error) {
	if !strings.HasPrefix(c.Path, "/upload/") {
		if len(c.Body) == 0 {
			return nil, nil //nolint:nilnil // nothing was uploaded, and nothing is wrong with that
		}
		return nil, c.JSON(into)
	}
	kind, params, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err != nil {
		return nil, errors.New("the Content-Type of an upload is missing")
	}
	switch c.Query().Get("uploadType") {
	case "media":
		return &Media{kind, c.Body}, nil
	case "multipart":
	default:
		return nil, fmt.Errorf("upload type %q is not served", c.Query().Get("uploadType"))
	}
	r := multipart.NewReader(bytes.NewReader(c.Body), params["boundary"])
	var parts []Media
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.New("the multipart body cannot be read")
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return nil, errors.New("the multipart body cannot be read")
		}
		parts = append(parts, Media{p.Header.Get("Content-Type"), data})
	}
	if len(parts) != 2 {
		return nil, errors.New("a multipart upload has two parts")
	}
	return &parts[1], tenant.DecodeStrict(bytes.NewReader(parts[0].Data), into)
}
