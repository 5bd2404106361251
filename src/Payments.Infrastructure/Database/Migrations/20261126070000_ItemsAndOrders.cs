using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class ItemsAndOrders : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "access_id",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "access_type",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "item_id",
                schema: "payments",
                table: "payments",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "order_id",
                schema: "payments",
                table: "payments",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "refund_window_days",
                schema: "payments",
                table: "payments",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "undelivered",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "items",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    resource_id = table.Column<string>(type: "text", nullable: true),
                    refund_window_days = table.Column<int>(type: "integer", nullable: true),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    display_order = table.Column<int>(type: "integer", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_items", x => x.id);
                    table.CheckConstraint("items_positive", "price_minor > 0 AND (refund_window_days IS NULL OR refund_window_days >= 0)");
                });

            migrationBuilder.CreateTable(
                name: "orders",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: true),
                    request_key = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    closing = table.Column<string>(type: "text", nullable: true),
                    cancelled = table.Column<string>(type: "text", nullable: true),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    total_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_orders", x => x.id);
                    table.CheckConstraint("orders_positive", "total_minor > 0");
                });

            migrationBuilder.CreateTable(
                name: "products",
                schema: "payments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    display_order = table.Column<int>(type: "integer", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_products", x => x.id);
                    table.CheckConstraint("products_positive", "price_minor > 0");
                });

            migrationBuilder.CreateTable(
                name: "order_lines",
                schema: "payments",
                columns: table => new
                {
                    order_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<int>(type: "integer", nullable: false),
                    product_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    quantity = table.Column<int>(type: "integer", nullable: false),
                    restocked = table.Column<int>(type: "integer", nullable: false),
                    currency = table.Column<string>(type: "text", nullable: false),
                    price_minor = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_order_lines", x => new { x.order_id, x.number });
                    table.CheckConstraint("order_lines_in_bounds", "price_minor > 0 AND quantity > 0 AND restocked BETWEEN 0 AND quantity");
                    table.ForeignKey(
                        name: "FK_order_lines_orders_order_id",
                        column: x => x.order_id,
                        principalSchema: "payments",
                        principalTable: "orders",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_order_lines_products_product_id",
                        column: x => x.product_id,
                        principalSchema: "payments",
                        principalTable: "products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "stock",
                schema: "payments",
                columns: table => new
                {
                    product_id = table.Column<Guid>(type: "uuid", nullable: false),
                    available = table.Column<int>(type: "integer", nullable: false),
                    reserved = table.Column<int>(type: "integer", nullable: false),
                    sold = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_stock", x => x.product_id);
                    table.CheckConstraint("stock_not_negative", "available >= 0 AND reserved >= 0 AND sold >= 0");
                    table.ForeignKey(
                        name: "FK_stock_products_product_id",
                        column: x => x.product_id,
                        principalSchema: "payments",
                        principalTable: "products",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_payments_order_id",
                schema: "payments",
                table: "payments",
                column: "order_id",
                filter: "order_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_payments_user_id_item_id",
                schema: "payments",
                table: "payments",
                columns: new[] { "user_id", "item_id" },
                filter: "item_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_order_lines_product_id",
                schema: "payments",
                table: "order_lines",
                column: "product_id");

            migrationBuilder.CreateIndex(
                name: "IX_orders_due_at",
                schema: "payments",
                table: "orders",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_orders_user_id_created_at_id",
                schema: "payments",
                table: "orders",
                columns: new[] { "user_id", "created_at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.CreateIndex(
                name: "IX_orders_user_id_request_key",
                schema: "payments",
                table: "orders",
                columns: new[] { "user_id", "request_key" },
                unique: true,
                filter: "request_key IS NOT NULL");

            foreach (var table in new[] { "items", "products", "stock", "orders", "order_lines" })
            {
                migrationBuilder.Sql(
                    $"""
                    ALTER TABLE payments.{table} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
                    CREATE TRIGGER touch_updated_at BEFORE UPDATE ON payments.{table} FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
                    """);
            }

            // Stock is no part of the pages that are kept: every order changes it.
            foreach (var table in new[] { "items", "products" })
            {
                migrationBuilder.Sql(
                    $"""
                    CREATE TRIGGER notify_catalog_changed AFTER INSERT OR UPDATE OR DELETE ON payments.{table} FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();
                    CREATE TRIGGER notify_catalog_truncated AFTER TRUNCATE ON payments.{table} FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();
                    """);
            }

            migrationBuilder.Sql("CREATE TRIGGER notify_catalog_truncated AFTER TRUNCATE ON payments.plans FOR EACH STATEMENT EXECUTE FUNCTION payments.notify_catalog_changed();");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER notify_catalog_truncated ON payments.plans;");

            migrationBuilder.DropTable(
                name: "items",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "order_lines",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "stock",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "orders",
                schema: "payments");

            migrationBuilder.DropTable(
                name: "products",
                schema: "payments");

            migrationBuilder.DropIndex(
                name: "IX_payments_order_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropIndex(
                name: "IX_payments_user_id_item_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "access_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "access_type",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "item_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "order_id",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "refund_window_days",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "undelivered",
                schema: "payments",
                table: "payments");
        }
    }
}
