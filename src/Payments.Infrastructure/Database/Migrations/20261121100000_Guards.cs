using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Payments.Infrastructure.Database.Migrations;

/// <summary>
/// What the mapping cannot say: rules that the database itself keeps, and tables that no entity stands for.
/// </summary>
[DbContext(typeof(PaymentsDbContext))]
[Migration("20261121100000_Guards")]
public partial class Guards : Migration
{
    private static readonly string[] Touched =
        ["payments.payments", "payments.customers", "payments.credit_packs", "users.users", "users.credit_lots", "users.credit_holds", "notifications.notifications"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            -- The only SQL that reads the clock.
            CREATE FUNCTION public.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
            """);
        foreach (var table in Touched)
        {
            migrationBuilder.Sql(
                $"""
                ALTER TABLE {table} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                """);
        }

        migrationBuilder.Sql(
            """
            -- Double entry: what one statement writes of a transaction sums to zero, so nothing unbalanced can ever be committed.
            CREATE FUNCTION users.postings_balance() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE unbalanced uuid;
            BEGIN
                SELECT transaction_id INTO unbalanced FROM written GROUP BY transaction_id HAVING sum(credits) <> 0 LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'the postings of credit transaction % do not sum to zero', unbalanced USING ERRCODE = 'check_violation';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER postings_balance AFTER INSERT ON users.credit_postings REFERENCING NEW TABLE AS written
                FOR EACH STATEMENT EXECUTE FUNCTION users.postings_balance();

            CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON users.credit_postings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON users.credit_transactions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

            CREATE TABLE payments.audit_log (
                id uuid PRIMARY KEY, at timestamptz NOT NULL, actor_id uuid NOT NULL, actor_email text, address text,
                action text NOT NULL, subject text NOT NULL, before jsonb, after jsonb, reason text);
            CREATE INDEX ix_audit_log_at ON payments.audit_log (at DESC, id DESC);
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

            CREATE TABLE payments.idempotency_keys (
                scope bytea PRIMARY KEY, claim uuid NOT NULL, request_hash bytea NOT NULL, claimed_at timestamptz NOT NULL, created_at timestamptz NOT NULL,
                status integer, content_type text, body bytea, location text);
            CREATE INDEX ix_idempotency_keys_created_at ON payments.idempotency_keys (created_at);

            -- One row each: a budget that all replicas share, and the sandbox's clock.
            CREATE TABLE payments.gateway_budget (one boolean PRIMARY KEY DEFAULT true CHECK (one), second bigint NOT NULL, used integer NOT NULL);
            CREATE TABLE payments.sandbox_clock (one boolean PRIMARY KEY DEFAULT true CHECK (one), offset_ticks bigint NOT NULL);

            CREATE FUNCTION payments.notify_catalog_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('catalog_changed', TG_TABLE_NAME); RETURN NULL; END $$;
            CREATE TRIGGER notify_catalog_changed AFTER INSERT OR UPDATE OR DELETE ON payments.credit_packs FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();

            -- lz4 where the server has it: half the size of pglz's work, at a fraction of its time.
            DO $$ BEGIN ALTER TABLE payments.webhook_events ALTER COLUMN payload SET COMPRESSION lz4; EXCEPTION WHEN feature_not_supported OR undefined_object THEN NULL; END $$;
            -- Queues turn over completely: vacuum them by what changed, not by how large they have grown.
            ALTER TABLE payments.webhook_events SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.1);
            ALTER TABLE payments.outbox SET (autovacuum_vacuum_scale_factor = 0.02);
            ALTER TABLE notifications.notifications SET (autovacuum_vacuum_scale_factor = 0.05);
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            DROP TRIGGER notify_catalog_changed ON payments.credit_packs;
            DROP FUNCTION payments.notify_catalog_changed();
            DROP TABLE payments.sandbox_clock, payments.gateway_budget, payments.idempotency_keys, payments.audit_log;
            DROP TRIGGER append_only ON users.credit_transactions;
            DROP TRIGGER append_only ON users.credit_postings;
            DROP TRIGGER postings_balance ON users.credit_postings;
            DROP FUNCTION public.refuse_change();
            DROP FUNCTION users.postings_balance();
            """);
        foreach (var table in Touched)
        {
            migrationBuilder.Sql($"DROP TRIGGER touch_updated_at ON {table}; ALTER TABLE {table} DROP COLUMN updated_at;");
        }

        migrationBuilder.Sql("DROP FUNCTION public.touch_updated_at();");
    }
}
