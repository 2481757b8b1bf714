// workload DATABASE SCALE PART...: fills a database (":memory:", or a file that it removes first), then runs the parts, and
// prints each query's result.
//   orders    joins, groups and indexes over customers and orders
//   text      LIKE, string functions, a custom function and collation, window functions
//   tree      recursive queries, updates and deletes in transactions
#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sqlite3 *database;

static void fail(const char *what) {
  fprintf(stderr, "workload: %s: %s\n", what, sqlite3_errmsg(database));
  exit(1);
}

static void run(const char *sql) {
  if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

// Prints at most ten rows, and a checksum of all.
static void query(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql);
  unsigned rows = 0, hash = 2166136261u;
  int status;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const char *text = (const char *)sqlite3_column_text(statement, i);
      if (!text) text = "null";
      for (const char *p = text; *p; ++p) hash = (hash ^ (unsigned char)*p) * 16777619u;
      if (rows < 10) printf("%s%s", i ? "|" : "", text);
    }
    if (rows++ < 10) printf("\n");
  }
  if (status != SQLITE_DONE) fail(sql);
  sqlite3_finalize(statement);
  printf("= %u rows, %08x\n", rows, hash);
}

static void soundex_like(sqlite3_context *context, int count, sqlite3_value **values) {
  (void)count;
  const char *text = (const char *)sqlite3_value_text(values[0]);
  char key[8];
  int length = 0;
  for (; text && *text && length < 7; ++text)
    if (!strchr("aeiou", *text)) key[length++] = *text;
  sqlite3_result_text(context, key, length, SQLITE_TRANSIENT);
}

static int backwards(void *data, int m, const void *a, int n, const void *b) {
  (void)data;
  const char *p = a, *q = b;
  while (m > 0 && n > 0) {
    int difference = p[--m] - q[--n];
    if (difference) return difference;
  }
  return m - n;
}

static unsigned seed = 7;
static unsigned next(unsigned limit) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 8) % limit;
}

static void fill(int scale) {
  run("create table customer(id integer primary key, name text, city text, balance real);"
      "create table purchase(id integer primary key, customer integer references customer, day integer, amount real, note text);"
      "begin");
  sqlite3_stmt *statement;
  static const char *cities[] = {"Bremen", "Lyon", "Oslo", "Porto", "Turin", "Graz", "Gent"};
  sqlite3_prepare_v2(database, "insert into customer values(?, ?, ?, ?)", -1, &statement, NULL);
  for (int i = 0; i < 400 * scale; ++i) {
    char name[16];
    int length = 4 + (int)next(8);
    for (int k = 0; k < length; ++k) name[k] = (char)('a' + next(26));
    sqlite3_bind_int(statement, 1, i);
    sqlite3_bind_text(statement, 2, name, length, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 3, cities[next(7)], -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 4, (double)next(100000) / 100);
    if (sqlite3_step(statement) != SQLITE_DONE) fail("insert customer");
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  sqlite3_prepare_v2(database, "insert into purchase(customer, day, amount, note) values(?, ?, ?, ?)", -1, &statement, NULL);
  for (int i = 0; i < 4000 * scale; ++i) {
    char note[32];
    sqlite3_bind_int(statement, 1, (int)next(400 * (unsigned)scale));
    sqlite3_bind_int(statement, 2, (int)next(365));
    sqlite3_bind_double(statement, 3, (double)next(50000) / 100);
    unsigned item = next(1000);
    snprintf(note, sizeof note, "item %u of lot %u", item, next(50));
    sqlite3_bind_text(statement, 4, note, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(statement) != SQLITE_DONE) fail("insert purchase");
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
  run("commit");
}

static void orders(void) {
  run("create index purchase_customer on purchase(customer); create index purchase_day on purchase(day, amount)");
  query("select city, count(*), round(sum(amount), 2) from purchase join customer on customer.id = purchase.customer"
        " group by city order by 3 desc");
  query("select name, (select max(amount) from purchase where customer = customer.id) as most from customer"
        " where balance > 500 order by most desc, name limit 500");
  query("select day / 30 as month, count(distinct customer), round(avg(amount), 3), min(amount), max(amount) from purchase"
        " where day between 10 and 350 group by month having count(*) > 10 order by month");
  query("select a.id, b.id from purchase a join purchase b on a.day = b.day and a.amount = b.amount and a.id < b.id order by 1, 2");
  query("select city, sum(case when amount > 400 then 1 else 0 end), total(balance) from customer left join purchase"
        " on purchase.customer = customer.id and purchase.day < 60 group by city");
}

static void text(void) {
  query("select count(*), sum(length(note)) from purchase where note like '%7_ of lot 1%'");
  query("select key(name) as k, count(*), group_concat(name, ',') from customer group by k having count(*) > 1 order by k limit 300");
  query("select upper(substr(name, 1, 3)) || '-' || hex(city) || printf('%08.2f', balance) from customer"
        " order by name collate backwards limit 400");
  query("select id, day, round(sum(amount) over (partition by customer order by day, id rows 5 preceding), 2) from purchase"
        " order by 3 desc, 1 limit 300");
  query("select replace(note, 'lot', 'batch'), instr(note, 'of'), trim(note, 'item ') from purchase order by note, id limit 500");
}

static void tree(int scale) {
  run("create table part(id integer primary key, parent integer, weight integer); create index part_parent on part(parent)");
  char sql[300];
  snprintf(sql, sizeof sql,
           "with recursive n(i) as (select 1 union all select i + 1 from n where i < %d)"
           " insert into part select i, i / 3, i * 7919 %% 101 from n",
           2500 * scale);
  run(sql);
  query("with recursive below(id, depth) as (select 1, 0 union all select part.id, depth + 1 from part, below"
        " where part.parent = below.id) select depth, count(*), sum(weight) from below join part using(id) group by depth");
  for (int i = 0; i < 20 * scale; ++i) {
    snprintf(sql, sizeof sql,
             "begin; update part set weight = weight + id %% 7 where id %% 50 = %d;"
             "delete from part where id %% 997 = %d; insert or replace into part values(%d, 1, %d); commit",
             i % 50, i, 100000 + i, i);
    run(sql);
  }
  query("select count(*), sum(weight), avg(parent) from part");
  query("select p.weight, count(*) from part p where exists(select 1 from part c where c.parent = p.id and c.weight > p.weight)"
        " group by p.weight order by 2 desc, 1 limit 50");
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  if (strcmp(arguments[1], ":memory:")) unlink(arguments[1]);
  int scale = atoi(arguments[2]);
  if (sqlite3_open(arguments[1], &database) != SQLITE_OK) fail("open");
  run("pragma cache_size = 200");
  sqlite3_create_function(database, "key", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, soundex_like, NULL, NULL);
  sqlite3_create_collation(database, "backwards", SQLITE_UTF8, NULL, backwards);
  fill(scale);
  for (int i = 3; i < count; ++i) {
    if (!strcmp(arguments[i], "orders")) orders();
    if (!strcmp(arguments[i], "text")) text();
    if (!strcmp(arguments[i], "tree")) tree(scale);
  }
  query("pragma integrity_check");
  sqlite3_close(database);
}
