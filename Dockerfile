# One image with all programs; docker-compose.yml says which one a container runs.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -ldflags "-s -w" -o /out/ ./worker ./starter ./schedules ./sandbox ./deploy/health
RUN mkdir /keys
RUN printf 'gatehouse:x:65532:65532:Gatehouse:/:/nonexistent\n' > /passwd

# Nothing but static binaries and the certificate authorities. The programs carry the time zone database themselves.
FROM scratch
COPY --from=build /passwd /etc/passwd
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ /bin/
# Where the sandbox leaves the key of its Google for the worker: a volume takes over who owns it.
COPY --from=build --chown=65532:65532 /keys/ /keys/
USER 65532:65532
CMD ["/bin/worker", "--config", "/etc/gatehouse/gatehouse.yaml"]
