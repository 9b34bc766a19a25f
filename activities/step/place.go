package step

import (
	"encoding/json"
	"fmt"
)

// ReadPlace reads where a step goes on. A step that has not begun leaves the place as it is.
func ReadPlace(at string, into any) error {
	if at == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(at), into); err != nil {
		return fmt.Errorf("read where a step of the review goes on: %w", err)
	}
	return nil
}
