/* One disk that takes its time, for every process that is started with this file in LD_PRELOAD.

   A sync of any file waits for its turn at the disk and through it; syncs queue up and are never merged. So a program
   that syncs in C, such as SQLite, meets the same disk. HOCBA_SLOW_DISK names a file that all share, with three numbers
   of 64 bits: until when the disk is busy, how many syncs there were, and nanoseconds for a sync. */

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct disk {
    _Atomic uint64_t busy, syncs, cost;
} *disk;

__attribute__((constructor)) static void find_disk(void)
{
    const char *path = getenv("HOCBA_SLOW_DISK");
    int handle = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (handle < 0)
        return;
    void *shared = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    disk = shared == MAP_FAILED ? NULL : shared;
    close(handle);
}

static int wait_through(void)
{
    if (!disk)
        abort(); /* Without a disk the figures would be those of another one. */
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec, done;
    uint64_t busy = atomic_load(&disk->busy);
    do
        done = (busy > now ? busy : now) + atomic_load(&disk->cost);
    while (!atomic_compare_exchange_weak(&disk->busy, &busy, done));
    atomic_fetch_add(&disk->syncs, 1);
    time.tv_sec = (time_t)(done / 1000000000u);
    time.tv_nsec = (long)(done % 1000000000u);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0)
        ;
    return 0;
}

int fsync(int handle)
{
    (void)handle;
    return wait_through();
}

int fdatasync(int handle)
{
    (void)handle;
    return wait_through();
}
