# The server as one static binary on an empty base; the database lives in the volume /data. It starts only when
# INSIGNIA_BASE_URL says under which address the world reaches it: the address is part of every badge.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=1 go build -trimpath -tags 'netgo osusergo sqlite_omit_load_extension' \
      -ldflags "-s -w -extldflags '-static' -X main.version=${VERSION}" -o /insignia ./cmd/insignia \
    && mkdir -m 0700 /data
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends fonts-noto-core fonts-droid-fallback fonts-nanum \
    && mkdir /fonts && cd /usr/share/fonts/truetype \
    && cp noto/Noto*-Bold.ttf droid/DroidSansFallback*.ttf nanum/NanumMyeongjoBold.ttf /fonts/

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /fonts /usr/share/fonts/
COPY --from=build /insignia /insignia
COPY --from=build --chown=65532:65532 /data /data
ENV INSIGNIA_ADDR=0.0.0.0:8080 INSIGNIA_DATABASE=/data/insignia.db TMPDIR=/data
VOLUME /data
WORKDIR /data
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["/insignia", "health"]
ENTRYPOINT ["/insignia"]
CMD ["serve"]
