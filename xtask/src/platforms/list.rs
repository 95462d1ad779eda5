//! The platforms, and everything that is special about each.

/// A platform that is checked.
pub(super) struct Platform {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    pub(super) depth: Depth,
    /// What a success shows, and what it does not.
    pub(super) shows: &'static str,
}

/// How far the check goes.
pub(super) enum Depth {
    /// The tests run.
    Run {
        /// The compiler of C that links for it, and its arguments.
        linker: &'static [&'static str],
        runner: Runner,
        /// Debian's packages, besides what comes with any Rust. `{gcc}` stands for the version of GCC.
        packages: &'static [&'static str],
    },
    /// The program of two threads runs under node.
    Node,
    /// The crates are compiled, and that is all.
    Compile,
}

/// What runs a program of the platform.
pub(super) enum Runner {
    Native,
    /// A program that takes another as an argument.
    Emulator(&'static [&'static str]),
    Wine,
}

pub(super) const PLATFORMS: [Platform; 9] = [
    Platform {
        name: "i686",
        triple: "i686-unknown-linux-gnu",
        depth: Depth::Run {
            linker: &["cc", "-m32"],
            runner: Runner::Native,
            // Not gcc-multilib: that is in conflict with the compilers for other processors.
            packages: &["libc6-dev-i386", "lib32gcc-{gcc}-dev"],
        },
        shows: "words of 32 bits",
    },
    Platform {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        depth: Depth::Run {
            linker: &["aarch64-linux-gnu-gcc"],
            runner: Runner::Emulator(&["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]),
            packages: &["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"],
        },
        shows: "the code made for it, but not its memory: the emulator orders more than the processor does",
    },
    Platform {
        name: "windows",
        triple: "x86_64-pc-windows-gnu",
        depth: Depth::Run {
            linker: &["x86_64-w64-mingw32-gcc"],
            runner: Runner::Wine,
            packages: &["gcc-mingw-w64-x86-64-posix", "wine64"],
        },
        shows: "the parking lot on top of Windows' calls, as Wine understands them",
    },
    Platform {
        name: "msvc",
        triple: "x86_64-pc-windows-msvc",
        depth: Depth::Compile,
        shows: "that it compiles for what most Windows users have",
    },
    Platform {
        name: "macos",
        triple: "aarch64-apple-darwin",
        depth: Depth::Compile,
        shows: "that it compiles where the parking lot has no futex",
    },
    Platform {
        name: "powerpc",
        triple: "powerpc-unknown-linux-gnu",
        depth: Depth::Compile,
        shows: "that it compiles where atomics have at most 32 bits",
    },
    Platform {
        name: "wasm",
        triple: "wasm32-unknown-unknown",
        depth: Depth::Compile,
        shows: "that it compiles where there are no threads and no clock",
    },
    Platform {
        name: "wasm-threads",
        triple: "wasm32-unknown-unknown",
        depth: Depth::Node,
        shows: "that two threads wait for each other without a limit where there is no clock",
    },
    Platform {
        name: "wasi",
        triple: "wasm32-wasip1-threads",
        depth: Depth::Compile,
        shows: "that it compiles for WebAssembly with threads",
    },
];
