"""What the catalogue of a database says, so that two databases can be compared."""

import psycopg2
from sqlalchemy import make_url

# Rights in an order of their own; none written down are those that an owner has by default.
RIGHTS = "(select string_agg(a::text, ' ' order by a::text) from unnest({}) a)"
OF_RELATION = RIGHTS.format(
    """coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))"""
)
OF_FUNCTION = RIGHTS.format("coalesce(proacl, acldefault('f', proowner))")

PICTURE = f"""
    select 'column', table_schema, table_name,
           concat_ws(' ', column_name, data_type, is_nullable, column_default, identity_generation)
      from information_schema.columns where table_schema in ('public', 'app')
    union all select 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'public'::regnamespace and contype <> 't'
    union all select 'index', schemaname, indexname, indexdef from pg_indexes where schemaname in ('public', 'app')
    union all select 'policy', tablename, policyname, concat(cmd, roles, qual, with_check) from pg_policies
    union all select 'table', relname, concat(relrowsecurity, relforcerowsecurity), {OF_RELATION}
      from pg_class
     where relnamespace in ('public'::regnamespace, 'app'::regnamespace) and relkind in ('r', 'v', 'm', 'S')
    union all select 'column right', attrelid::regclass::text, attname, {RIGHTS.format("attacl")}
      from pg_attribute
     where attacl is not null
       and attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select 'function', proname, concat(proowner::regrole, {OF_FUNCTION}), pg_get_functiondef(oid)
      from pg_proc where pronamespace in ('public'::regnamespace, 'app'::regnamespace)
    union all select 'trigger', tgrelid::regclass::text, tgname, concat(tgenabled, pg_get_triggerdef(oid))
      from pg_trigger where not tgisinternal
    union all select 'schema', nspname, '', {RIGHTS.format("nspacl")}
      from pg_namespace where nspname in ('public', 'app')
    union all select 'comment', classoid::regclass::text, pg_describe_object(classoid, objoid, objsubid), description
      from pg_description
     where classoid in ('pg_proc'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass)
       and description like 'cricverse %'
    order by 1, 2, 3, 4"""


def ask(url, statement):
    """The rows that the last statement gives, as the login of the address."""
    address = make_url(url)
    connection = psycopg2.connect(
        host=address.host, port=address.port, user=address.username, password=address.password, dbname=address.database
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    connection.close()
    return rows


def picture(url):
    """The whole schema in sorted lines: columns, constraints, indexes, policies, rights, functions, triggers, marks."""
    return ask(url, PICTURE)
