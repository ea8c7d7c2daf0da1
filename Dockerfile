# One static binary on an empty image: no shell, no package manager, not root.
#   docker build -t attune .
#   docker run -v attune:/data -p 127.0.0.1:8080:8080 -e ATTUNE_PUBLIC_URL=https://attune.example.org attune
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build
# The data folder belongs to the user that runs: COPY keeps owner and mode of
# folders inside what is copied, not of the folder itself.
RUN mkdir -p /image/data /image/tmp /image/etc/ssl/certs \
 && chmod 0700 /image/data /image/tmp \
 && cp attune /image/attune \
 && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/

FROM scratch
COPY --from=build --chown=65532:65532 /image/ /
USER 65532:65532
ENV ATTUNE_DATA=/data
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Plain HTTP leaves the container only behind a proxy that speaks HTTPS: serve
# refuses to start without ATTUNE_PUBLIC_URL=https://… (docs/operating.md).
ENTRYPOINT ["/attune"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
