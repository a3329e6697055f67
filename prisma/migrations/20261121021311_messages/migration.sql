-- CreateTable
CREATE TABLE "messages" (
    "id" BIGSERIAL NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "bot_id" TEXT NOT NULL,
    "chat_id" TEXT NOT NULL,
    "thread_id" BIGINT,
    "user_id" BIGINT,
    "type" TEXT NOT NULL DEFAULT 'bot',
    "role" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "telegram_message_id" BIGINT,
    "telegram_update_id" BIGINT,
    "kind" TEXT NOT NULL,
    "content" TEXT,
    "pii" BOOLEAN NOT NULL,

    CONSTRAINT "messages_pkey" PRIMARY KEY ("bot_id","chat_id","role","external_id","created_at"),
    CONSTRAINT "messages_type_check" CHECK ("type" IN ('bot', 'app')),
    CONSTRAINT "messages_role_check" CHECK ("role" IN ('user', 'assistant', 'system'))
) PARTITION BY RANGE ("created_at");

-- CreateTable
CREATE TABLE "message_retentions" (
    "bot_id" TEXT NOT NULL,
    "retention_ms" BIGINT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_retentions_pkey" PRIMARY KEY ("bot_id")
);

-- CreateTable
CREATE TABLE "message_erasures" (
    "id" BIGSERIAL NOT NULL,
    "bot_id" TEXT NOT NULL,
    "chat_id" TEXT,
    "user_id" BIGINT,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "message_erasures_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "message_erasures_subject_check" CHECK (("chat_id" IS NULL) <> ("user_id" IS NULL))
);

-- CreateIndex
CREATE INDEX "messages_bot_id_chat_id_created_at_id_idx" ON "messages"("bot_id", "chat_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "messages_bot_id_user_id_created_at_idx" ON "messages"("bot_id", "user_id", "created_at");

-- CreateIndex
CREATE INDEX "messages_bot_id_created_at_idx" ON "messages"("bot_id", "created_at");

-- CreateIndex
CREATE INDEX "message_erasures_bot_id_idx" ON "message_erasures"("bot_id");

-- CreateIndex
CREATE INDEX "message_erasures_erased_at_idx" ON "message_erasures"("erased_at");
