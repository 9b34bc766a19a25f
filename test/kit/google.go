package kit

import (
	"time"

	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/google"
)

// Google is the configuration of Google Workspace against a sandbox in this process.
func Google(base string) config.Google {
	key, err := google.ServiceAccountKey(base)
	if err != nil {
		// There is no key without randomness, and no test without either.
		panic(err)
	}
	return config.Google{
		Credentials: httpx.Secret(key), Subject: google.Robot, Sender: google.Sender, SenderName: "Gatehouse",
		FolderID: google.Folder, DriveID: google.SharedDrive, BaseURL: base + "/google", Timeout: 10 * time.Second,
		IndexLag: 3 * time.Second, PerMinute: 60, CellLimit: 10_000_000,
	}
}
