Feature: The client starts an ended chat again with the final list

  @CPM-CONV-058c @TP-CPM-CONV-058c-03.with-the-final-list @SHALL @client @smoke
  Scenario: Bob restarts an ended chat, and those of the final list are called
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text       | asks for  |
      | Alice  | Last words | delivered |
    And Carol leaves "Book club"
    And Dave joins "Book club"
    And "Book club" ends
    And what Bob missed of "Book club" is delivered in a session of its own
    And the delivery of "Book club" to Bob ends
    And Bob restarts "Book club" on his phone
    Then Bob's client takes what is delivered of "Book club"
    And Bob's client restarts "Book club" with the final list

  @CPM-CONV-058c @TP-CPM-CONV-058c-08.new-focus @SHALL @client
  Scenario: The restarted chat has another focus, and the client goes there
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text       | asks for  |
      | Alice  | Last words | delivered |
    And "Book club" ends
    And what Bob missed of "Book club" is delivered in a session of its own
    And the delivery of "Book club" to Bob ends
    And Bob restarts "Book club" on his phone
    And Bob leaves "Book club" on his phone
    Then Bob's client restarts "Book club" with the final list
    And Bob's client follows "Book club" to its new focus

  @CPM-CONV-058c @TP-CPM-CONV-058c-08.history-kept @SHALL @client
  Scenario: What was delivered before the restart is still shown after it
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    And Bob is invited to "Book club" while his client is away
    When these messages are sent to "Book club":
      | author | text       | asks for  |
      | Alice  | Last words | delivered |
      | Frank  | And mine   |           |
    And "Book club" ends
    And what Bob missed of "Book club" is delivered in a session of its own
    And the delivery of "Book club" to Bob ends
    And Bob restarts "Book club" on his phone
    And these messages are sent to "Book club":
      | author | text       | asks for  |
      | Alice  | Here again | delivered |
    Then Bob's client restarts "Book club" with the final list
    And Bob's client follows "Book club" to its new focus
    And Bob's phone still shows what was delivered of "Book club"
    And Bob's phone shows "Here again" of "Book club" once

  @CPM-CONV-058c @TP-CPM-CONV-058c-06.hard-to-read @SHALL @client
  Scenario: Lists that are old, incomplete, strange or broken come before a good one
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Bob's phone is told of the members of "Book club" by an old list
    And Bob's phone is told of the members of "Book club" by a list with a gap before it
    And Bob's phone is told of the members of "Book club" in words that nobody knows
    And Bob's phone is told of the members of "Book club" in broken words
    And Carol leaves "Book club"
    And Bob's phone is told of the members of "Book club" as they are
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Still with us?   | delivered |
    Then Bob's client keeps its sessions of "Book club"
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-06.then-restarted @SHALL @client
  Scenario: After lists that are hard to read, the restart is with the members of the good one
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Bob's phone is told of the members of "Book club" by an old list
    And Bob's phone is told of the members of "Book club" in words that nobody knows
    And Carol leaves "Book club"
    And Bob's phone is told of the members of "Book club" in broken words
    And Bob's phone is told of the members of "Book club" by a list with a gap before it
    And Dave joins "Book club"
    And Bob's phone is told of the members of "Book club" as they are
    And "Book club" ends
    And Bob restarts "Book club" on his phone
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Good to see you  | delivered |
    Then Bob's client restarts "Book club" with the final list
    And Bob's client reports what it got of "Book club" as delivered

  @CPM-CONV-058c @TP-CPM-CONV-058c-06.members-shown @SHALL @client
  Scenario: After lists that are hard to read, the members of the good one are shown
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Bob's phone is told of the members of "Book club" by an old list
    And Bob's phone is told of the members of "Book club" by a list with a gap before it
    And Bob's phone is told of the members of "Book club" in words that nobody knows
    And Bob's phone is told of the members of "Book club" in broken words
    And Carol leaves "Book club"
    And Bob's phone is told of the members of "Book club" as they are
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Still with us?   | delivered |
    Then Bob's client keeps its sessions of "Book club"
    And Bob's phone shows who is in "Book club"

  @CPM-CONV-058c @TP-CPM-CONV-058c-06.old-after-good @SHALL @client
  Scenario: An old list comes after a good one, and the good one counts
    Given Bob's phone, under test, is registered
    And the group "Book club" of Alice, Carol and Frank
    When Alice invites Bob to "Book club"
    And Carol leaves "Book club"
    And Bob's phone is told of the members of "Book club" as they are
    And Bob's phone is told of the members of "Book club" by an old list
    And these messages are sent to "Book club":
      | author | text             | asks for  |
      | Alice  | Still with us?   | delivered |
    Then Bob's client keeps its sessions of "Book club"
    And Bob's phone shows who is in "Book club"
