using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class RefundsAndDisputes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "payments_refunded_in_bounds",
                schema: "payments",
                table: "payments");

            migrationBuilder.AddColumn<long>(
                name: "disputed_minor",
                schema: "payments",
                table: "payments",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "lost_minor",
                schema: "payments",
                table: "payments",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "refunds_requested_minor",
                schema: "payments",
                table: "payments",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "recipient",
                schema: "notifications",
                table: "notifications",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "expired",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "expired_taken_back",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "forgiven",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "freeze_target",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "frozen",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "owed",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "paid_debt",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "taken_back",
                schema: "users",
                table: "credit_lots",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "disputes",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    gateway_id = table.Column<string>(type: "text", nullable: false),
                    charge_id = table.Column<string>(type: "text", nullable: true),
                    of_surplus = table.Column<bool>(type: "boolean", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    evidence_due_by = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    fee_currency = table.Column<string>(type: "text", nullable: false),
                    fee_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_disputes", x => x.id);
                    table.ForeignKey(
                        name: "FK_disputes_payments_payment_id",
                        column: x => x.payment_id,
                        principalSchema: "payments",
                        principalTable: "payments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "refunds",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    note = table.Column<string>(type: "text", nullable: true),
                    origin = table.Column<string>(type: "text", nullable: false),
                    effect_key = table.Column<string>(type: "text", nullable: true),
                    requested_by = table.Column<Guid>(type: "uuid", nullable: true),
                    gateway_id = table.Column<string>(type: "text", nullable: true),
                    source_id = table.Column<string>(type: "text", nullable: true),
                    of_surplus = table.Column<bool>(type: "boolean", nullable: false),
                    is_limited = table.Column<bool>(type: "boolean", nullable: false),
                    cancels_subscription = table.Column<bool>(type: "boolean", nullable: false),
                    failure_reason = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sends = table.Column<int>(type: "integer", nullable: false),
                    amount_minor = table.Column<long>(type: "bigint", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_refunds", x => x.id);
                    table.CheckConstraint("refunds_positive", "amount_minor > 0");
                    table.ForeignKey(
                        name: "FK_refunds_payments_payment_id",
                        column: x => x.payment_id,
                        principalSchema: "payments",
                        principalTable: "payments",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "payments_refunded_in_bounds",
                schema: "payments",
                table: "payments",
                sql: "refunded_minor >= 0 AND refunds_requested_minor >= 0 AND disputed_minor >= 0 AND lost_minor >= 0 AND (completed_at IS NULL OR refunded_minor <= coalesce(total_minor, amount_minor))");

            migrationBuilder.CreateIndex(
                name: "IX_credit_lots_paid_debt",
                schema: "users",
                table: "credit_lots",
                column: "user_id",
                filter: "paid_debt > 0");

            // What lots lost to time was only in the ledger until now.
            migrationBuilder.Sql(
                """
                UPDATE users.credit_lots l SET expired = e.credits
                FROM (SELECT p.lot_id, -sum(p.credits) AS credits FROM users.credit_postings p JOIN users.credit_transactions t ON t.id = p.transaction_id
                      WHERE t.kind = 'expire' AND p.account = 'available' GROUP BY p.lot_id) e
                WHERE e.lot_id = l.id;
                """);
            foreach (var table in new[] { "payments.refunds", "payments.disputes" })
            {
                migrationBuilder.Sql(
                    $"""
                    ALTER TABLE {table} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                    """);
            }

            migrationBuilder.AddCheckConstraint(
                name: "credit_lots_parts_in_bounds",
                schema: "users",
                table: "credit_lots",
                sql: "least(frozen, freeze_target, expired, taken_back, expired_taken_back, owed, forgiven, paid_debt) >= 0 AND remaining + frozen + expired + taken_back + expired_taken_back + paid_debt <= granted AND taken_back + expired_taken_back + owed + forgiven <= granted");

            migrationBuilder.CreateIndex(
                name: "IX_disputes_created_at_id",
                schema: "payments",
                table: "disputes",
                columns: new[] { "created_at", "id" },
                descending: new bool[0]);

            migrationBuilder.CreateIndex(
                name: "IX_disputes_gateway_id",
                schema: "payments",
                table: "disputes",
                column: "gateway_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_disputes_payment_id",
                schema: "payments",
                table: "disputes",
                column: "payment_id");

            migrationBuilder.CreateIndex(
                name: "IX_refunds_due_at",
                schema: "payments",
                table: "refunds",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_refunds_effect_key",
                schema: "payments",
                table: "refunds",
                column: "effect_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_refunds_gateway_id",
                schema: "payments",
                table: "refunds",
                column: "gateway_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_refunds_payment_id",
                schema: "payments",
                table: "refunds",
                column: "payment_id");

            migrationBuilder.CreateIndex(
                name: "IX_refunds_requested_by_created_at",
                schema: "payments",
                table: "refunds",
                columns: new[] { "requested_by", "created_at" },
                filter: "is_limited");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "disputes",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "refunds",
                schema: "payments");

            migrationBuilder.DropCheckConstraint(
                name: "payments_refunded_in_bounds",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropIndex(
                name: "IX_credit_lots_paid_debt",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropCheckConstraint(
                name: "credit_lots_parts_in_bounds",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "disputed_minor",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "lost_minor",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "refunds_requested_minor",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "recipient",
                schema: "notifications",
                table: "notifications");

            migrationBuilder.DropColumn(
                name: "expired",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "expired_taken_back",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "forgiven",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "freeze_target",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "frozen",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "owed",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "paid_debt",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.DropColumn(
                name: "taken_back",
                schema: "users",
                table: "credit_lots");

            migrationBuilder.AddCheckConstraint(
                name: "payments_refunded_in_bounds",
                schema: "payments",
                table: "payments",
                sql: "refunded_minor >= 0 AND refunded_minor <= coalesce(total_minor, amount_minor)");
        }
    }
}
