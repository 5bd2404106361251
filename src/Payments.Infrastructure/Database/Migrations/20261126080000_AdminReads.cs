using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Payments.Infrastructure.Database.Migrations;

/// <summary>
/// Indexes of what staff look for; expressions and partial ones, which the mapping need not know. Payments are sold all
/// the time and searched now and then, so what every purchase would pay for is kept small: a status has entries only where
/// it is neither where all begin nor where nearly all end.
/// </summary>
[DbContext(typeof(PaymentsDbContext))]
[Migration("20261126080000_AdminReads")]
public partial class AdminReads : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE INDEX ix_payments_created ON payments.payments (created_at DESC, id DESC);
        CREATE INDEX ix_payments_status ON payments.payments (status, created_at DESC, id DESC) WHERE status NOT IN ('pending', 'succeeded');
        CREATE INDEX ix_payments_kind ON payments.payments (kind, created_at DESC, id DESC);
        CREATE INDEX ix_payments_amount ON payments.payments (currency, (coalesce(total_minor, amount_minor)));
        CREATE INDEX ix_payments_completed ON payments.payments (completed_at) WHERE completed_at IS NOT NULL;
        CREATE INDEX ix_refunds_created ON payments.refunds (created_at, id);
        CREATE INDEX ix_disputes_closed ON payments.disputes (closed_at) WHERE closed_at IS NOT NULL;
        CREATE INDEX ix_invoices_created ON payments.invoices (created_at, id);
        CREATE INDEX ix_users_email ON users.users (lower(email) text_pattern_ops);
        CREATE INDEX ix_audit_log_actor ON payments.audit_log (actor_id, at DESC, id DESC);
        CREATE INDEX ix_audit_log_subject ON payments.audit_log (subject, at DESC, id DESC);
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX payments.ix_payments_created, payments.ix_payments_status, payments.ix_payments_kind, payments.ix_payments_amount, payments.ix_payments_completed,
            payments.ix_refunds_created, payments.ix_disputes_closed, payments.ix_invoices_created, users.ix_users_email, payments.ix_audit_log_actor, payments.ix_audit_log_subject;
        """);
}
