using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class PaymentMethods : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "cards_loaded_at",
                schema: "payments",
                table: "customers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "cards_version",
                schema: "payments",
                table: "customers",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "sync_due_at",
                schema: "payments",
                table: "customers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "payment_methods",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<string>(type: "text", nullable: false),
                    customer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account = table.Column<string>(type: "text", nullable: false),
                    livemode = table.Column<bool>(type: "boolean", nullable: false),
                    brand = table.Column<string>(type: "text", nullable: false),
                    last4 = table.Column<string>(type: "text", nullable: false),
                    exp_month = table.Column<int>(type: "integer", nullable: false),
                    exp_year = table.Column<int>(type: "integer", nullable: false),
                    fingerprint = table.Column<string>(type: "text", nullable: true),
                    is_default = table.Column<bool>(type: "boolean", nullable: false),
                    attached_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    detached_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    removal_asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    notice_due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    noticed_expiry = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payment_methods", x => x.id);
                    table.CheckConstraint("payment_methods_card", "exp_month BETWEEN 1 AND 12 AND length(last4) <= 4");
                    table.ForeignKey(
                        name: "FK_payment_methods_customers_customer_id",
                        column: x => x.customer_id,
                        principalSchema: "payments",
                        principalTable: "customers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_customers_sync_due_at",
                schema: "payments",
                table: "customers",
                column: "sync_due_at",
                filter: "sync_due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_payment_methods_customer_id",
                schema: "payments",
                table: "payment_methods",
                column: "customer_id");

            migrationBuilder.CreateIndex(
                name: "IX_payment_methods_fingerprint",
                schema: "payments",
                table: "payment_methods",
                column: "fingerprint",
                filter: "fingerprint IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_payment_methods_notice_due_at",
                schema: "payments",
                table: "payment_methods",
                column: "notice_due_at",
                filter: "notice_due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_payment_methods_user_id",
                schema: "payments",
                table: "payment_methods",
                column: "user_id");

            migrationBuilder.Sql(
                """
                ALTER TABLE payments.payment_methods ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                CREATE TRIGGER touch_updated_at BEFORE UPDATE ON payments.payment_methods FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "payment_methods",
                schema: "payments");

            migrationBuilder.DropIndex(
                name: "IX_customers_sync_due_at",
                schema: "payments",
                table: "customers");

            migrationBuilder.DropColumn(
                name: "cards_loaded_at",
                schema: "payments",
                table: "customers");

            migrationBuilder.DropColumn(
                name: "cards_version",
                schema: "payments",
                table: "customers");

            migrationBuilder.DropColumn(
                name: "sync_due_at",
                schema: "payments",
                table: "customers");
        }
    }
}
