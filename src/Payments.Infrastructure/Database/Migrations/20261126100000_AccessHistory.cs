using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class AccessHistory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "ended_at",
                schema: "payments",
                table: "payments",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "access_changes",
                schema: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    source = table.Column<string>(type: "text", nullable: false),
                    resource_type = table.Column<string>(type: "text", nullable: false),
                    resource_id = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_changes", x => x.id);
                    table.ForeignKey(
                        name: "FK_access_changes_users_user_id",
                        column: x => x.user_id,
                        principalSchema: "users",
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_access_changes_user_id_at_id",
                schema: "users",
                table: "access_changes",
                columns: new[] { "user_id", "at", "id" },
                descending: new[] { false, true, true });

            // What the mapping need not know: what wants somebody's attention, and events of a person that are of no payment.
            // The latter hold only what is told of customers, subscriptions, invoices and cards, so that payments do not pay for them.
            migrationBuilder.Sql(
                """
                CREATE INDEX ix_payments_undelivered ON payments.payments (id) WHERE undelivered IS NOT NULL;
                CREATE INDEX ix_refunds_failed ON payments.refunds (payment_id) WHERE status IN ('failed', 'canceled');
                CREATE INDEX ix_webhook_events_of_person ON payments.webhook_events (object_id)
                    WHERE payment_id IS NULL AND (type LIKE 'customer.%' OR type LIKE 'invoice.%' OR type LIKE 'payment\_method.%');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP INDEX payments.ix_payments_undelivered, payments.ix_refunds_failed, payments.ix_webhook_events_of_person;");

            migrationBuilder.DropTable(
                name: "access_changes",
                schema: "users");

            migrationBuilder.DropColumn(
                name: "ended_at",
                schema: "payments",
                table: "payments");
        }
    }
}
