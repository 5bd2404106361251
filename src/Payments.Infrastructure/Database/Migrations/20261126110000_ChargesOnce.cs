using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Payments.Infrastructure.Database.Migrations
{
    /// <inheritdoc />
    public partial class ChargesOnce : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "charge_asked_at",
                schema: "payments",
                table: "payments",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "payment_method_id",
                schema: "payments",
                table: "payments",
                type: "text",
                nullable: true);

            // The cards of openings that are under way, so that none of them is charged by itself any more; and of payments
            // that share a key, which nothing forbade so far, the newest keeps it.
            migrationBuilder.Sql(
                """
                UPDATE payments.payments p SET payment_method_id = substring(r.body FROM '(?:^|&)(?:default_)?payment_method=([A-Za-z0-9_]+)')
                FROM payments.gateway_requests r
                WHERE r.subject_id = p.id AND p.flow = 'intent' AND p.status = 'pending' AND p.payment_intent_id IS NULL;
                UPDATE payments.payments p SET request_key = NULL
                FROM (SELECT id, row_number() OVER (PARTITION BY user_id, flow, request_key ORDER BY created_at DESC, id DESC) AS place FROM payments.payments WHERE request_key IS NOT NULL) same
                WHERE same.id = p.id AND same.place > 1;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_payments_user_id_flow_request_key",
                schema: "payments",
                table: "payments",
                columns: new[] { "user_id", "flow", "request_key" },
                unique: true,
                filter: "request_key IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_payments_user_id_flow_request_key",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "charge_asked_at",
                schema: "payments",
                table: "payments");

            migrationBuilder.DropColumn(
                name: "payment_method_id",
                schema: "payments",
                table: "payments");
        }
    }
}
