/* A PKCS#11 module for tests: SoftHSM with the faults of real tokens.
 *
 * SoftHSM never locks, never disappears and never crashes; this one does, as the environment says:
 *
 *   FAULT_MODULE      path of the module that does the work
 *   FAULT_STATE       a file; holds how many wrong PINs there were and how often was signed, across processes
 *   FAULT_LOCKS       after how many wrong PINs the token locks (0: never)
 *   FAULT_GONE_AT     at which signature the token is no longer there (0: never)
 *   FAULT_GARBAGE_AT  which signature is garbage
 *   FAULT_CRASH_AT    at which signature the driver crashes
 *   FAULT_DELAY_MS    how long a signature takes
 *   FAULT_NOISE       if set, the driver prints to its standard output, as some do
 *
 * Functions are replaced by their place in CK_FUNCTION_LIST (PKCS#11 v2.40, 6.2), so no header is needed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned long ulong;
typedef struct {
    unsigned char version[2];
    void *call[68];
} functions;

enum { GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, LOGIN = 18, SIGN = 43, GET_FUNCTION_LIST = 3 };
enum { OK = 0, DEVICE_REMOVED = 0x32, PIN_INCORRECT = 0xA0, PIN_LOCKED = 0xA4, TOKEN_NOT_PRESENT = 0xE0 };
enum { COUNT_LOW = 0x10000, FINAL_TRY = 0x20000, LOCKED = 0x40000 };
enum { FLAGS_AT = 96, USER = 1 };

static functions *real, mine;
static ulong wrong, made;

static ulong setting(const char *name) {
    const char *text = getenv(name);
    return text ? strtoul(text, NULL, 10) : 0;
}

static void recall(void) {
    FILE *file = fopen(getenv("FAULT_STATE"), "r");
    wrong = made = 0;
    if (file) {
        if (fscanf(file, "%lu %lu", &wrong, &made) != 2)
            wrong = made = 0;
        fclose(file);
    }
}

static void remember(void) {
    FILE *file = fopen(getenv("FAULT_STATE"), "w");
    if (file) {
        fprintf(file, "%lu %lu\n", wrong, made);
        fclose(file);
    }
}

static int gone(void) {
    ulong at = setting("FAULT_GONE_AT");
    recall();
    return at && made >= at;
}

static ulong get_slot_list(unsigned char present, ulong *slots, ulong *count) {
    ulong (*call)(unsigned char, ulong *, ulong *) = real->call[GET_SLOT_LIST];
    if (getenv("FAULT_NOISE"))
        printf("driver: looking for tokens\n"), fflush(stdout);
    if (gone()) {
        *count = 0;
        return OK;
    }
    return call(present, slots, count);
}

static ulong get_token_info(ulong slot, unsigned char *info) {
    ulong (*call)(ulong, unsigned char *) = real->call[GET_TOKEN_INFO];
    ulong flags, locks = setting("FAULT_LOCKS"), answer = call(slot, info);
    recall();
    memcpy(&flags, info + FLAGS_AT, sizeof flags);
    if (locks && wrong)
        flags |= COUNT_LOW;
    if (locks && wrong == locks - 1)
        flags |= FINAL_TRY;
    if (locks && wrong >= locks)
        flags |= LOCKED;
    memcpy(info + FLAGS_AT, &flags, sizeof flags);
    return answer;
}

static ulong login(ulong session, ulong who, unsigned char *pin, ulong length) {
    ulong (*call)(ulong, ulong, unsigned char *, ulong) = real->call[LOGIN];
    ulong answer, locks = setting("FAULT_LOCKS");
    recall();
    if (locks && wrong >= locks)
        return PIN_LOCKED;
    answer = call(session, who, pin, length);
    if (who == USER) {
        wrong = answer == PIN_INCORRECT ? wrong + 1 : 0;
        remember();
    }
    return answer;
}

static ulong sign(ulong session, unsigned char *data, ulong size, unsigned char *value, ulong *length) {
    ulong (*call)(ulong, unsigned char *, ulong, unsigned char *, ulong *) = real->call[SIGN];
    ulong delay = setting("FAULT_DELAY_MS"), answer;
    struct timespec wait = {delay / 1000, (delay % 1000) * 1000000L};
    if (!value)
        return call(session, data, size, value, length);
    if (gone())
        return DEVICE_REMOVED;
    made++;
    remember();
    if (made == setting("FAULT_GONE_AT"))
        return DEVICE_REMOVED;
    if (made == setting("FAULT_CRASH_AT"))
        abort();
    nanosleep(&wait, NULL);
    answer = call(session, data, size, value, length);
    if (answer == OK && made == setting("FAULT_GARBAGE_AT"))
        value[*length / 2] ^= 1;
    return answer;
}

ulong C_GetFunctionList(functions **list) {
    void *module = dlopen(getenv("FAULT_MODULE"), RTLD_NOW | RTLD_LOCAL);
    ulong (*call)(functions **) = module ? dlsym(module, "C_GetFunctionList") : NULL;
    if (!call || call(&real) != OK)
        return 5; /* CKR_GENERAL_ERROR */
    mine = *real;
    mine.call[GET_FUNCTION_LIST] = C_GetFunctionList;
    mine.call[GET_SLOT_LIST] = get_slot_list;
    mine.call[GET_TOKEN_INFO] = get_token_info;
    mine.call[LOGIN] = login;
    mine.call[SIGN] = sign;
    *list = &mine;
    return OK;
}
