/* Wine before version 9 has no bcryptprimitives.dll, from which Rust's standard library takes its random
   numbers. This is one, on top of the older function that Wine has. */

__declspec(dllimport) unsigned char __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(unsigned char *buffer, unsigned long long length)
{
    const unsigned long most = 1ul << 30;
    while (length > 0) {
        unsigned long part = length < most ? (unsigned long)length : most;
        if (!SystemFunction036(buffer, part))
            return 0;
        buffer += part;
        length -= part;
    }
    return 1;
}
