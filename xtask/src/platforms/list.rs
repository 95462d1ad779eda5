//! The platforms, and everything that is special about each.

/// A platform that is checked.
pub(super) struct Platform {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    /// What a success shows, and what it does not.
    pub(super) shows: &'static str,
    pub(super) runner: Runner,
    /// The C compiler that links for it, and its arguments. Empty where nothing is linked, or Rust's linker does.
    pub(super) linker: &'static [&'static str],
    /// Debian's packages, besides what comes with any Rust.
    pub(super) packages: &'static str,
}

/// What runs a program of the platform.
pub(super) enum Runner {
    /// Nothing: the crates are compiled, and that is all.
    None,
    Native,
    /// A program that takes another as an argument.
    Emulator(&'static [&'static str]),
    Wine,
    /// Node runs a program of two threads. The tests are too much for it.
    Node,
}

const fn compiled(name: &'static str, triple: &'static str, shows: &'static str) -> Platform {
    Platform { name, triple, shows, runner: Runner::None, linker: &[], packages: "" }
}

pub(super) const PLATFORMS: [Platform; 9] = [
    Platform {
        name: "i686",
        triple: "i686-unknown-linux-gnu",
        shows: "words of 32 bits",
        runner: Runner::Native,
        linker: &["cc", "-m32"],
        // Not gcc-multilib: that is in conflict with the compilers for other processors.
        packages: "libc6-dev-i386 lib32gcc-12-dev, or the version of your gcc",
    },
    Platform {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        shows: "the code made for it, but not its memory: the emulator orders more than the processor does",
        runner: Runner::Emulator(&["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]),
        linker: &["aarch64-linux-gnu-gcc"],
        packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user",
    },
    Platform {
        name: "windows",
        triple: "x86_64-pc-windows-gnu",
        shows: "the parking lot on top of Windows' calls, as Wine understands them",
        runner: Runner::Wine,
        linker: &["x86_64-w64-mingw32-gcc"],
        packages: "gcc-mingw-w64-x86-64-posix wine64",
    },
    compiled("msvc", "x86_64-pc-windows-msvc", "that it compiles for most users of Windows"),
    compiled(
        "macos",
        "aarch64-apple-darwin",
        "that it compiles where the parking lot has no futex",
    ),
    compiled("powerpc", "powerpc-unknown-linux-gnu", "that it compiles where atomics have 32 bits"),
    compiled("wasm", "wasm32-unknown-unknown", "that it compiles without threads and a clock"),
    Platform {
        name: "wasm-threads",
        triple: "wasm32-unknown-unknown",
        shows: "that two threads wait for each other without a limit where there is no clock",
        runner: Runner::Node,
        linker: &[],
        packages: "nodejs",
    },
    compiled("wasi", "wasm32-wasip1-threads", "that it compiles for WebAssembly with threads"),
];
