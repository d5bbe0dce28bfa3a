/** The processors that releases are published for and that the builds were tried on. */
export type Architecture = "amd64" | "arm64";

/** One file of a program. */
export interface Binary {
  /** What it is asked for by, and the file name it is kept under. */
  readonly name: string;
  /** Its main package, within the module of the program's folder. */
  readonly package: string;
  /** Arguments that make it print its version. Without them it is never taken from the PATH. */
  readonly versionArgs?: readonly string[];
  /** Its name on the PATH, where that is another. */
  readonly pathName?: string;
}

/** One published file: a `.tar.gz`, `.tgz` or `.zip` with binaries in it, or a bare binary. */
export interface ReleaseFile {
  readonly url: string;
  /** The release's own list of SHA-256 sums, in the format of sha256sum. */
  readonly checksumsUrl: string;
  /** Which binary is which member of the archive; of a bare binary, the file's own name. */
  readonly members: Readonly<Record<string, string>>;
}

/** A program: a folder below `tools/`, built or downloaded as a whole. */
export interface Program {
  readonly name: string;
  readonly version: string;
  /** The module whose version is the program's, as the folder's go.mod pins it; none for a program of our own. */
  readonly module?: string;
  readonly binaries: readonly Binary[];
  readonly tags: readonly string[];
  /** Values for the linker's `-X`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly release?: (architecture: Architecture) => readonly ReleaseFile[];
  /** Its part of a cold build of all on 2 free cores: half of the processor time that was measured. */
  readonly buildSeconds: number;
  /** Disk that the build and the downloaded modules take while it runs. */
  readonly buildMegabytes: number;
}

/** Without gRPC's tracing page the linker can leave unused methods out. */
export const withoutGrpcTracing = "grpcnotrace";

/** Where a project on GitHub publishes the files of a version. */
export function githubRelease(repository: string, tag: string): string {
  return `https://github.com/${repository}/releases/download/${tag}`;
}

/** The release files of a program that comes as one archive. */
export function archive(
  release: string,
  file: string,
  checksums: string,
  members: ReleaseFile["members"],
): readonly ReleaseFile[] {
  return [{ url: `${release}/${file}`, checksumsUrl: `${release}/${checksums}`, members }];
}
